@isolated
Feature: A lab can be kept, entered and ended

  Scenario Outline: Somebody looks around after a failure, on the <engine> engine
    When a drill of "fixtures/features/wrong-claim.feature" on the <engine> engine keeps its lab, and "primary/compute-1" is entered
    Then the drill exits with 1
    And the drill says "The lab is kept"
    And the machine that was entered is "primary-compute-1"
    And nothing is left of the drill

    Examples:
      | engine   |
      | embedded |

    @full
    Examples:
      | engine    |
      | container |
