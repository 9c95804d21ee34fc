@fast
Feature: A claim that is wrong fails the run

  Scenario: Somebody claims that incremental snapshots restore with nothing prepared
    When dr-drill runs "fixtures/features/opposite.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "the origin path /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is missing"

  Scenario: Somebody claims another reason than the one there is
    When dr-drill runs "fixtures/features/wrong-reason.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "origin path empty"
