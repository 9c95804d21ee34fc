Feature: The configuration of a project names its recovery

  Scenario: The configured recovery runs on the control host or on each node; the default is the documented one
    When dr-drill runs "fixtures/features/recovery.feature" on the embedded engine with each of these configurations:
      | fixtures/runbooks/ours.config.yaml     |
      | fixtures/runbooks/on-nodes.config.yaml |
      | none                                   |
    Then the drills end with:
      | 0 | 0 | 0 |
    And nothing is left of the drills

  Scenario: A configured recovery that fails or takes too long fails the drill
    When dr-drill runs "fixtures/features/recovery.feature" on the embedded engine with each of these configurations:
      | fixtures/runbooks/gives-up.config.yaml |
      | fixtures/runbooks/slow.config.yaml     |
    Then the drills end with:
      | 1 | 1 |
    And nothing is left of the drills

  Scenario Outline: <what> in the configuration is reported before anything starts
    When dr-drill runs "fixtures/features/recovery.feature" on the embedded engine with each of these configurations:
      | <file> |
    Then the drills end with:
      | 2 |
    And the drill prints "<message>"

    Examples:
      | what           | file                                  | message                                       |
      | An unknown key | fixtures/runbooks/typo.config.yaml    | unknown key `comand`: did you mean `command`? |
      | A missing file | fixtures/runbooks/nowhere.config.yaml | the runbook ./nowhere.sh does not exist       |
