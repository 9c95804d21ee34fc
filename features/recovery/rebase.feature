Feature: A rebase makes images name the mount path of the recovery site
  No node needs a bind, and a reboot changes nothing. But a replication in the other direction copies the new names to
  the primary site, where they lead nowhere.

  Background:
    Given site "primary" with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 2 incremental snapshots
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"

  Scenario: Every node restores, also after a reboot, until the rebase is undone
    When "appliance" rebases every image
    And every snapshot is restored on every node
    Then every restore has the content that was backed up
    When every node is rebooted
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
    When "appliance" undoes the rebase
    And every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

  Scenario: A replication back to the primary site breaks its restores after a rebase
    Given "appliance" rebases every image
    And the share "10.20.2.20:/replica" is replicated to "10.10.2.20:/upstream"
    When every snapshot is restored on "primary/compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==" is missing

  Scenario: A replication back to the primary site breaks nothing after a bind
    Given the origin path is bound on every node
    And the share "10.20.2.20:/replica" is replicated to "10.10.2.20:/upstream"
    When every snapshot is restored on "primary/compute-1" and "recovery/compute-1"
    Then every restore has the content that was backed up
