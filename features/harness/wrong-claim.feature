Feature: A wrong claim fails the run

  @fast
  Scenario: A claim that incremental snapshots restore without recovery fails
    When dr-drill runs "fixtures/features/opposite.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "the origin path /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is missing"

  @fast
  Scenario: A claim with the wrong reason fails
    When dr-drill runs "fixtures/features/wrong-reason.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "origin path empty"

  Scenario: Claims that would hold only for other records than they name fail
    When dr-drill runs "fixtures/features/other-records.feature" on the embedded engine
    Then the drill exits with 1
    And the drill prints "✔ Each of these claims is right when it names what it means"
    And the drill prints "1 passed, 6 failed, 1 unknown"
