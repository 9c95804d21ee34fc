@fast
Feature: A wrong claim fails the run

  Scenario: A claim that incremental snapshots restore without recovery fails
    When dr-drill runs "fixtures/features/opposite.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "the origin path /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is missing"

  Scenario: A claim with the wrong reason fails
    When dr-drill runs "fixtures/features/wrong-reason.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "origin path empty"
