@gate @isolated
Feature: Mistakes in a project are reported before anything starts

  Background:
    Given a project whose feature uses the topology "sites.yaml"

  Scenario: A correct project passes the dry run
    When dr-drill checks the project with --dry-run
    Then the drill exits with 0
    And the drill prints "1 can be run"

  Scenario Outline: A configuration with <what> is refused
    Given its file "dr-drill.config.yaml" contains "<line>"
    When dr-drill runs the project
    Then the drill exits with 2
    And the drill prints "dr-drill.config.yaml: <message>"
    And nothing is left of the drill

    Examples:
      | what                      | line                                 | message                                                             |
      | an unknown key            | featurs: [features]                  | unknown key `featurs`: did you mean `features`?                     |
      | an unknown key inside     | objectives: { recovrytime: 1m }      | objectives: unknown key `recovrytime`: did you mean `recoveryTime`? |
      | a value of another type   | features: features                   | features: must be a list of files or patterns                       |
      | an unknown engine         | engine: embeded                      | engine: must be one of auto, container, embedded,                   |
      | a value below the minimum | parallel: 0                          | parallel: must be a whole number from 1, or auto                    |
      | an invalid duration       | objectives: { recoveryTime: 15 min } | objectives.recoveryTime: must be a duration like 90s, 15m or 2h     |
      | a missing folder          | topologies: sites                    | topologies: the folder sites does not exist                         |
      | missing steps             | steps: [dr-drill/steps, stpes]       | steps.1: no steps in stpes                                          |
      | a duplicate key           | { engine: auto, engine: auto }       | Map keys must be unique                                             |

  Scenario Outline: A topology with <what> is refused
    Given its file "topologies/sites.yaml" has "<old>" replaced by "<new>"
    When dr-drill runs the project
    Then the drill exits with 2
    And the drill prints "sites.yaml: <message>"
    And nothing is left of the drill

    Examples:
      | what                    | old           | new                            | message                                                           |
      | an unknown key          | distribution: | distributoin:                  | sites.0: unknown key `distributoin`: did you mean `distribution`? |
      | an unknown role         | role: compute | role: comptue                  | sites.0.nodes.1.role: must be one of appliance, compute           |
      | a value of another type | nodes:        | nodes: 7\n    more:            | sites.0.nodes: expected array, received number                    |
      | a duplicate name        | compute-1     | appliance                      | node of site primary appliance is defined twice                   |
      | a duplicate key         | name: primary | name: primary\n    name: other | Map keys must be unique                                           |

  Scenario: A missing topology is reported with the nearest name
    Given its file "features/drill.feature" has "sites.yaml" replaced by "sties.yaml"
    When dr-drill runs the project
    Then the drill exits with 2
    And the drill prints "did you mean sites.yaml?"
    And nothing is left of the drill

  Scenario: An unknown step is reported with the nearest wording
    Given its file "features/drill.feature" has "has mounted" replaced by "mounts"
    When dr-drill runs the project
    Then the drill exits with 2
    And the drill prints "did you mean"
    And the drill prints "the steps of dr-drill"
    And nothing is left of the drill

  Scenario: A folder for reports that cannot be written is reported
    Given its file "dr-drill.config.yaml" contains "reports: /proc/reports"
    When dr-drill runs the project
    Then the drill exits with 2
    And the drill prints "cannot write /proc/reports"
    And nothing is left of the drill

  Scenario: A second copy of Cucumber is reported
    Given its file "node_modules/@cucumber/cucumber/package.json" contains "{}"
    When dr-drill runs the project
    Then the drill exits with 2
    And the drill prints "there are two copies of @cucumber/cucumber"
    And nothing is left of the drill
