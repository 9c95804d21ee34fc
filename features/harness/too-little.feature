@isolated
Feature: Too little memory or disk is reported with a remedy

  @gate
  Scenario: A lab that needs more memory than the machine has is refused
    When dr-drill runs "fixtures/features/too-large.feature" on the embedded engine
    Then the drill exits with 3
    And the drill prints "MiB of memory, but only"
    And the drill prints "Free memory, or reduce memoryMib of the machines in the topology."
    And nothing is left of the drill

  @gate
  Scenario: A lab that needs more disk than the machine has is refused
    When dr-drill runs "fixtures/features/passes.feature" on the embedded engine with a disk of 64 MiB for its lab
    Then the drill exits with 3
    And the drill prints "a lab needs 2048 MiB of disk space"
    And the drill prints "set TMPDIR to a folder on a larger file system"
    And nothing is left of the drill

  Scenario: A lab that needs more memory than the container engine has is refused
    When dr-drill runs "fixtures/features/passes.feature" on a container engine with 512 MiB of memory
    Then the drill exits with 3
    And the drill prints "MiB of memory, but only 512 MiB are available"
    And the drill prints "Free memory, or reduce memoryMib of the machines in the topology."
    And nothing is left of the drill

  Scenario: A lab that needs more disk than the container engine has is refused
    When dr-drill runs "fixtures/features/passes.feature" on a container engine with a disk of 64 MiB
    Then the drill exits with 3
    And the drill prints "a lab needs 2048 MiB of disk space, but only 64 MiB are free in"
    And the drill prints "move the engine's data to a larger file system"
    And nothing is left of the drill

  @full
  Scenario: The disk of a lab fills up, and the drill exits with 3
    When dr-drill runs "fixtures/features/goes-on.feature" on the embedded engine and the disk of its lab fills up
    Then the drill exits with 3
    And the drill prints "a lab needs 2048 MiB of disk space, but only 0 MiB are free"
    And nothing is left of the drill

  Scenario: The disk of the reports fills up, and the drill exits with 3
    When dr-drill runs "fixtures/features/passes.feature" on the embedded engine with a disk of 64 KiB for its reports
    Then the drill exits with 3
    And the drill prints "cannot write"
    And nothing is left of the drill

  @gate
  Scenario Outline: <variable> is <folder>, which cannot be written, and the drill exits with 3
    When dr-drill runs "fixtures/features/passes.feature" on the embedded engine with "<folder>" as <variable>
    Then the drill exits with 3
    And the drill prints "<folder>"
    And the drill prints "Set <variable> to a writable folder."
    And nothing is left of the drill

    Examples:
      | variable       | folder             |
      | TMPDIR         | /nowhere/temporary |
      | XDG_CACHE_HOME | /proc/nowhere      |
      | XDG_STATE_HOME | /etc/passwd/state  |
