@isolated
Feature: Scenarios that share a background begin from its saved outcome, and do not see each other

  Scenario Outline: The first changes much, on the <engine> engine
    When a drill of "fixtures/features/checkpoint.feature" is run on the <engine> engine
    Then the drill exits with 0
    And the journal of the drill notes "the outcome of the background is saved for 1 more scenarios"
    And the journal of the drill notes "the outcome of the background is taken over"
    And the drill begins 2 times from a checkpoint
    And nothing is left of the drill

    Examples:
      | engine   |
      | embedded |

    @full
    Examples:
      | engine    |
      | container |

  @full
  Scenario: Only one of them is run
    When only the scenario "Nothing of that is there" of "fixtures/features/checkpoint.feature" is run on the embedded engine
    Then the drill exits with 0
    And the drill begins 0 times from a checkpoint

  @full
  Scenario Outline: It is killed while the outcome is saved, on the <engine> engine
    When a drill of "fixtures/features/checkpoint.feature" on the <engine> engine is killed while a checkpoint is made, with all of its processes
    Then the drill was ended by "SIGKILL"
    And nothing is left of the drill
    And the journal of the drill is readable

    Examples:
      | engine    |
      | embedded  |
      | container |

  @full
  Scenario: Somebody changes a file of the saved outcome
    When a drill of "fixtures/features/checkpoint.feature" is run on the embedded engine, and a checkpoint of it is changed meanwhile
    Then the drill exits with 3
    And the drill says "the archive of its disks has changed"
    And nothing is left of the drill
