@fast
Feature: Nothing is left behind, however a drill ends

  Scenario: It fails
    When a drill of "fixtures/features/wrong-claim.feature" is run
    Then the drill exits with 1
    And nothing is left of the drill

  Scenario: A step breaks
    When a drill of "fixtures/features/unforeseen.feature" is run
    Then the drill exits with 1
    And nothing is left of the drill

  Scenario: Ctrl-C
    When a drill of "fixtures/features/waits.feature" is interrupted in the middle
    Then the drill exits with 130
    And nothing is left of the drill
    And the journal of the drill is readable

  Scenario: Ctrl-C, and again
    When a drill of "fixtures/features/waits.feature" is interrupted twice
    Then the drill exits with 130
    And nothing is left of the drill

  Scenario: It is killed, with a machine paused
    When a drill of "fixtures/features/waits-paused.feature" is killed in the middle, with all of its processes
    Then the drill was ended by "SIGKILL"
    And nothing is left of the drill
    And the journal of the drill is readable

  Scenario: The container engine stops answering
    When a drill of "fixtures/features/goes-on.feature" loses its engine in the middle
    Then the drill exits with 3
    And the drill says "the container engine"
    And nothing is left of the drill
