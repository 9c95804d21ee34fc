@isolated
Feature: A failing engine is named, and nothing is left behind

  @full
  Scenario: A slow container engine only delays a drill
    When dr-drill runs "fixtures/features/passes.feature" on a container engine that answers "slowly"
    Then the drill exits with 0
    And nothing is left of the drill

  Scenario Outline: The container engine answers <manner> during a drill, which exits with 3
    When dr-drill runs "fixtures/features/goes-on.feature" on a container engine that answers "<manner>" after a while
    Then the drill exits with 3
    And the drill prints "<words>"
    And nothing is left of the drill

    Examples:
      | manner      | words        |
      | with errors | out of order |

    @full
    Examples:
      | manner     | words                |
      | not at all | the container engine |

  Scenario Outline: The hub of a lab is killed, and the drill exits with 3, on the <engine> engine
    When dr-drill runs "fixtures/features/goes-on.feature" on the <engine> engine and the hub of its lab is killed
    Then the drill exits with 3
    And the drill prints "hub of lab lab-1: its process or container has exited"
    And nothing is left of the drill

    Examples:
      | engine   |
      | embedded |

    @full
    Examples:
      | engine    |
      | container |

  @gate
  Scenario: The requested container engine does not exist, and nothing is installed
    When dr-drill runs "fixtures/features/passes.feature" on a container engine that does not exist
    Then the drill exits with 3
    And the drill prints "DOCKER_HOST is unix:///nowhere/docker.sock, but no engine answers there"
    And the drill prints "Start this engine, or unset DOCKER_HOST"
    And nothing is installed
    And nothing is left of the drill

  @gate
  Scenario: User namespaces are disabled, and the drill prints how to enable them
    When dr-drill runs "fixtures/features/passes.feature" on the embedded engine without user namespaces
    Then the drill exits with 3
    And the drill prints "echo 'user.max_user_namespaces=15000' | sudo tee -a /etc/sysctl.d/99-dr-drill.conf"
    And the drill prints "--engine container"
    And nothing is left of the drill

  @gate
  Scenario: User namespaces are disabled, and doctor prints how to enable them
    When doctor checks the embedded engine without user namespaces
    Then doctor exits with 3
    And doctor prints "✘ embedded engine"
    And doctor prints "Use --engine container, or run as an administrator: echo 'user.max_user_namespaces=15000' | sudo tee -a /etc/sysctl.d/99-dr-drill.conf"
    And doctor prints "not tried: needs embedded engine"
