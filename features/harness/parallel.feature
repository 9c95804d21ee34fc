@isolated
Feature: Features are drilled side by side, and come out as one run

  Scenario: One of them fails
    When drills of "fixtures/features/right-claim.feature" and "fixtures/features/wrong-claim.feature" are run side by side
    Then the drill exits with 1
    And the drill says "2 passed, 1 failed"
    And the drill says "the encoding is MTAuMTAuMi4yMDovdXBzdHJlYW0= on"
    And the reports of the drill tell of 3 scenarios
    And the journal of the drill is readable
    And nothing is left of the drill

  Scenario: Ctrl-C
    When drills of "fixtures/features/waits.feature" and "fixtures/features/waits-paused.feature" side by side are interrupted in the middle
    Then the drill exits with 130
    And the journal of the drill is readable
    And nothing is left of the drill

  Scenario: One of the processes is killed
    When drills of "fixtures/features/waits.feature" and "fixtures/features/right-claim.feature" are run side by side, and the process that waits is killed
    Then the drill exits with 3
    And the drill says "was killed by SIGKILL"
    And the drill says "2 passed, 1 failed"
    And nothing is left of the drill
    And nothing of the drill is left in the ledger

  Scenario: The process that was started first is killed
    When drills of "fixtures/features/waits.feature" and "fixtures/features/waits-paused.feature" side by side lose the process that was started first
    Then the drill was ended by "SIGKILL"
    And the journal of the drill is readable
    And nothing is left of the drill
