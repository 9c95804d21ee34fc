Feature: A runbook ends with its run, and with all processes that it has started

  Scenario: A runbook that ignores signals ends when its run is interrupted or killed
    When dr-drill runs these features at the same time on the embedded engine:
      | fixtures/features/endless-runbook.feature | it is interrupted during its runbook |
      | fixtures/features/endless-runbook.feature | it is killed during its runbook      |
    Then the drills end with:
      | 130 | SIGKILL |
    And nothing is left of the drills
