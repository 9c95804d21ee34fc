@isolated
Feature: Features run in parallel and end in one report

  Scenario: One of two parallel features fails, and so does the run
    When dr-drill runs "fixtures/features/right-claim.feature" and "fixtures/features/wrong-claim.feature" in parallel
    Then the drill exits with 1
    And the drill prints "2 passed, 1 failed"
    And the drill prints "the encoding has the expected value: MTAuMTAuMi4yMDovdXBzdHJlYW0= on primary/appliance, expected MTAuMTAuMi4yMDovdXBzdHJlYW0K"
    And each report of the drill lists 3 scenarios
    And the journal of the drill is readable
    And nothing is left of the drill

  Scenario: Ctrl-C ends parallel drills
    When dr-drill runs "fixtures/features/waits.feature" and "fixtures/features/waits-paused.feature" in parallel and is interrupted
    Then the drill exits with 130
    And the journal of the drill is readable
    And nothing is left of the drill

  Scenario: A killed worker fails its own scenario only
    When dr-drill runs "fixtures/features/waits.feature" and "fixtures/features/right-claim.feature" in parallel and the worker that waits is killed
    Then the drill exits with 3
    And the drill prints "was killed by SIGKILL"
    And the drill prints "2 passed, 1 unknown"
    And nothing is left of the drill
    And the ledger lists no run of the drill

  Scenario: Parallel drills leave nothing when the main process is killed
    When dr-drill runs "fixtures/features/waits.feature" and "fixtures/features/waits-paused.feature" in parallel and its main process is killed
    Then the drill is ended by "SIGKILL"
    And the journal of the drill is readable
    And nothing is left of the drill
