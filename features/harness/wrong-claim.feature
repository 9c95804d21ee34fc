@fast
Feature: A claim that is wrong fails the run

  Scenario: Somebody claims that incremental snapshots restore with nothing prepared
    When a drill of "fixtures/features/opposite.feature" is run on the embedded engine
    Then the drill exits with 1
    And the drill says "the origin path /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is missing"

  Scenario: Somebody claims another reason than the one there is
    When a drill of "fixtures/features/wrong-reason.feature" is run on the embedded engine
    Then the drill exits with 1
    And the drill says "origin path empty"
