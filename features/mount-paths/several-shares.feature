@fast
Feature: Several shares are recovered together, each at its own origin path
  Each share of the primary site has its own origin path, which has to lead to the replica of that share.

  Background:
    Given site "primary" backs up to the shares "10.10.2.20:/gold" and "10.10.2.20:/silver"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot on "10.10.2.20:/gold"
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot on "10.10.2.20:/silver"
    And site "recovery" with 1 compute mounts the replicas "10.20.2.20:/one" and "10.20.2.20:/two"
    And site "primary" is lost

  Scenario: Each origin path is bound to its own replica, and every restore succeeds
    When every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot of "web" fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovZ29sZA==" is missing
    And every incremental snapshot of "db" fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovc2lsdmVy" is missing
    When every origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up

  Scenario: Each origin path is bound to the other replica, and no incremental snapshot restores
    Given the share "10.20.2.20:/two" holds different images with the same names
    When the origin path of "10.10.2.20:/gold" is bound to the share "10.20.2.20:/two" on every node
    And the origin path of "10.10.2.20:/silver" is bound to the share "10.20.2.20:/one" on every node
    And every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot of "web" has the wrong content although qemu-img succeeds
    And every incremental snapshot of "db" fails because its parent is missing
    When the recovery is undone on every node
    And every origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
