Feature: An upgrade to 4.2 changes the mount path without any disaster
  Up to 4.1, the whole share is encoded; from 4.2 on, only the export path. Images written before the upgrade name their
  parents under the old mount path.

  Background:
    Given site "primary" of juju 4.1 backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "primary" is upgraded to 4.2

  Scenario: The upgraded site needs the origin path to restore its own backups
    When every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is empty
    When the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up

  Scenario: A chain that spans the upgrade needs two origin paths
    Given the origin path is bound on every node
    And workload "web" gets 1 more incremental snapshot
    And site "recovery" of juju 4.2 with 1 compute mounts the replica "10.20.2.20:/replica"
    When the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is bound on every node
    And every snapshot is restored on "compute-1"
    Then snapshot 2 of "web" has the content that was backed up
    But snapshot 3 of "web" fails because the origin path "/var/triliovault-mounts/L3Vwc3RyZWFt" is missing
    When the recovery is undone on every node
    And the origin path "/var/triliovault-mounts/L3Vwc3RyZWFt" is bound on every node
    And every snapshot is restored on "compute-1"
    Then every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing
    When the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
