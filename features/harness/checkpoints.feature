@isolated
Feature: Scenarios with the same background begin from its checkpoint and do not see each other

  Scenario Outline: A scenario does not see the changes of another one, on the <engine> engine
    When dr-drill runs "fixtures/features/checkpoint.feature" on the <engine> engine
    Then the drill exits with 0
    And the journal of the drill notes "the outcome of the background is saved for 1 more scenarios"
    And the journal of the drill notes "the saved outcome of the background is used"
    And 2 scenarios of the drill begin from a checkpoint
    And nothing is left of the drill

    Examples:
      | engine   |
      | embedded |

    @full
    Examples:
      | engine    |
      | container |

  @full
  Scenario: A single scenario needs no checkpoint
    When dr-drill runs only the scenario "Another scenario finds neither marks nor a recovery" of "fixtures/features/checkpoint.feature" on the embedded engine
    Then the drill exits with 0
    And 0 scenarios of the drill begin from a checkpoint

  @full
  Scenario Outline: A drill that is killed during a checkpoint leaves nothing, on the <engine> engine
    When dr-drill runs "fixtures/features/checkpoint.feature" on the <engine> engine and is killed while it saves a checkpoint
    Then the drill is ended by "SIGKILL"
    And nothing is left of the drill
    And the journal of the drill is readable

    Examples:
      | engine    |
      | embedded  |
      | container |

  @full
  Scenario: A changed checkpoint makes the scenario unknown
    When dr-drill runs "fixtures/features/checkpoint.feature" on the embedded engine while its checkpoint is changed
    Then the drill exits with 3
    And the drill prints "the archive of its disks has changed"
    And nothing is left of the drill
