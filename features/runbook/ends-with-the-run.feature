Feature: A runbook ends with its run, with all that it has started

  Scenario: It does not end, and does not listen
    When these drills are run at once on the embedded engine:
      | fixtures/features/endless-runbook.feature | it is interrupted in its runbook |
      | fixtures/features/endless-runbook.feature | it is killed in its runbook      |
    Then the drills end with:
      | 130 | SIGKILL |
    And nothing is left of the drills
