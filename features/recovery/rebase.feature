Feature: A rebase writes names into the images that hold on the recovery site
  Nothing has to be prepared on any node, and it lasts; but a replication in the other direction takes the new names to
  the primary site, where nothing is to be found under them.

  Background:
    Given site "primary" with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 2 incremental snapshots
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"

  Scenario: Every node restores, also after a reboot, until it is taken back
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

  Scenario: The replication runs backwards after a rebase
    Given "appliance" rebases every image
    And the share "10.20.2.20:/replica" is replicated to "10.10.2.20:/upstream"
    When every snapshot is restored on "primary/compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==" is missing

  Scenario: The replication runs backwards after a bind
    Given the origin path is bound on every node
    And the share "10.20.2.20:/replica" is replicated to "10.10.2.20:/upstream"
    When every snapshot is restored on "primary/compute-1" and "recovery/compute-1"
    Then every restore has the content that was backed up
