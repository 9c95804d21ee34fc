@gate @isolated
Feature: What is wrong in a project is named before anything starts

  Background:
    Given a project with a drill of the topology "sites.yaml"

  Scenario: Nothing is wrong
    When the project is looked over
    Then the drill exits with 0
    And the drill says "1 can be run"

  Scenario Outline: Its configuration has <what>
    Given its "dr-drill.config.yaml" says "<line>"
    When the project is drilled
    Then the drill exits with 2
    And the drill says "dr-drill.config.yaml: <says>"
    And nothing is left of the drill

    Examples:
      | what                    | line                                  | says                                                          |
      | an unknown key          | featurs: [features]                   | unknown key `featurs`: did you mean `features`?               |
      | an unknown key inside   | objectives: { recovrytime: 1m }       | objectives: unknown key `recovrytime`: did you mean `recoveryTime`? |
      | a value of another type | features: features                    | features: must be a list of files or patterns                 |
      | an unknown engine       | engine: embeded                       | engine: must be one of auto, container, embedded,       |
      | too little              | parallel: 0                           | parallel: must be a whole number from 1, or auto              |
      | no duration             | objectives: { recoveryTime: 15 min }  | objectives.recoveryTime: must be a duration like 90s, 15m or 2h |
      | a folder that is not    | topologies: sites                     | topologies: there is no folder sites                          |
      | steps that are not      | steps: [dr-drill/steps, stpes]        | steps.1: there are no steps in stpes                          |
      | a key twice             | { engine: auto, engine: auto }        | Map keys must be unique                                       |

  Scenario Outline: A topology has <what>
    Given in its "topologies/sites.yaml", "<this>" is "<that>"
    When the project is drilled
    Then the drill exits with 2
    And the drill says "sites.yaml: <says>"
    And nothing is left of the drill

    Examples:
      | what                    | this          | that              | says                                                             |
      | an unknown key          | distribution: | distributoin:     | sites.0: unknown key `distributoin`: did you mean `distribution`? |
      | an unknown role         | role: compute | role: comptue     | sites.0.nodes.1.role: must be one of appliance, compute           |
      | a value of another type | nodes:        | nodes: 7\n    more:     | sites.0.nodes: expected array, received number                    |
      | a name twice            | compute-1     | appliance         | the node of site primary appliance is there twice                 |
      | a key twice             | name: primary | name: primary\n    name: other | Map keys must be unique                             |

  Scenario: A topology is not there
    Given in its "features/drill.feature", "sites.yaml" is "sties.yaml"
    When the project is drilled
    Then the drill exits with 2
    And the drill says "did you mean sites.yaml?"
    And nothing is left of the drill

  Scenario: A step is of another version
    Given in its "features/drill.feature", "has mounted" is "mounts"
    When the project is drilled
    Then the drill exits with 2
    And the drill says "did you mean"
    And the drill says "the steps of dr-drill"
    And nothing is left of the drill

  Scenario: The folder for reports cannot be written to
    Given its "dr-drill.config.yaml" says "reports: /proc/reports"
    When the project is drilled
    Then the drill exits with 2
    And the drill says "cannot write /proc/reports"
    And nothing is left of the drill

  Scenario: There are two copies of Cucumber
    Given its "node_modules/@cucumber/cucumber/package.json" says "{}"
    When the project is drilled
    Then the drill exits with 2
    And the drill says "there are two copies of @cucumber/cucumber"
    And nothing is left of the drill
