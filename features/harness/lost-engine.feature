@isolated
Feature: An engine that fails is named, and nothing is left behind

  @full
  Scenario: The container engine is busy
    When a drill of "fixtures/features/passes.feature" is run on a container engine that answers "slowly"
    Then the drill exits with 0
    And nothing is left of the drill

  Scenario Outline: From the middle on, the container engine answers <manner>
    When a drill of "fixtures/features/goes-on.feature" is run on a container engine that answers "<manner>" from the middle on
    Then the drill exits with 3
    And the drill says "<words>"
    And nothing is left of the drill

    Examples:
      | manner      | words        |
      | with errors | out of order |

    @full
    Examples:
      | manner     | words                |
      | not at all | the container engine |

  Scenario Outline: In the middle, what joins the machines of a lab is killed, on the <engine> engine
    When a drill of "fixtures/features/goes-on.feature" is run on the <engine> engine, and in the middle the hub of its lab is killed
    Then the drill exits with 3
    And the drill says "hub of lab lab-1: what held it is gone"
    And nothing is left of the drill

    Examples:
      | engine   |
      | embedded |

    @full
    Examples:
      | engine    |
      | container |

  @gate
  Scenario: The container engine that was asked for is not there
    When a drill of "fixtures/features/passes.feature" is run on a container engine that is not there
    Then the drill exits with 3
    And the drill says "DOCKER_HOST is unix:///nowhere/docker.sock, and nothing answers"
    And the drill says "start that engine, or unset DOCKER_HOST"
    And nothing was installed
    And nothing is left of the drill

  @gate
  Scenario: Nobody may have namespaces of their own
    When a drill of "fixtures/features/passes.feature" is run on the embedded engine, where nobody may have namespaces
    Then the drill exits with 3
    And the drill says "echo 'user.max_user_namespaces=15000' | sudo tee -a /etc/sysctl.d/99-dr-drill.conf"
    And the drill says "--engine container"
    And nothing is left of the drill

  @gate
  Scenario: Doctor is asked where nobody may have namespaces of their own
    When doctor tries the embedded engine, where nobody may have namespaces
    Then doctor exits with 3
    And doctor says "failed     embedded engine"
    And doctor says "remedy: echo 'user.max_user_namespaces=15000' | sudo tee -a /etc/sysctl.d/99-dr-drill.conf"
    And doctor says "not tried  a lab"
