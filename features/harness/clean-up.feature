@isolated
Feature: Drills leave nothing behind, however they end
  The drills run at the same time, each in its own lab. All labs have the same addresses.

  Scenario Outline: Drills that pass, fail or are killed leave nothing, on the <engine> engine
    When dr-drill runs these features at the same time on the <engine> engine:
      | fixtures/features/passes.feature       | nothing                             |
      | fixtures/features/passes.feature       | nothing                             |
      | fixtures/features/wrong-claim.feature  | nothing                             |
      | fixtures/features/unforeseen.feature   | nothing                             |
      | fixtures/features/waits.feature        | it is interrupted                   |
      | fixtures/features/waits.feature        | it is interrupted twice             |
      | fixtures/features/waits-paused.feature | it is killed with all its processes |
    Then the drills end with:
      | 0 | 0 | 1 | 1 | 130 | 130 | SIGKILL |
    And nothing is left of the drills
    And the journal of each drill is readable

    Examples:
      | engine    |
      | embedded  |
      | container |

  @gate
  Scenario: Two drills on a small machine leave nothing
    When dr-drill runs these features at the same time on the embedded engine:
      | fixtures/features/wrong-claim.feature  | nothing                             |
      | fixtures/features/waits-paused.feature | it is killed with all its processes |
    Then the drills end with:
      | 1 | SIGKILL |
    And nothing is left of the drills
    And the journal of each drill is readable
