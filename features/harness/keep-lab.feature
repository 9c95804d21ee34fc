@isolated
Feature: An operator keeps, enters and ends a lab

  Scenario Outline: An operator enters a lab after a failure, on the <engine> engine
    When an operator keeps the lab of "fixtures/features/wrong-claim.feature" on the <engine> engine and enters "primary/compute-1"
    Then the drill exits with 1
    And the drill prints "The lab is kept"
    And the operator is on "primary-compute-1"
    And nothing is left of the drill

    Examples:
      | engine   |
      | embedded |

    @full
    Examples:
      | engine    |
      | container |
