@fast
Feature: A bind survives a reboot only with a line in fstab

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 2 VMs with 2 disks each has a full snapshot and 3 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 3 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: A bind without a line in fstab is lost after a reboot
    When the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
    When every node is rebooted
    And every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is empty

  Scenario: A bind with a line in fstab survives a reboot and a power cut
    When the origin path is bound on every node and kept in fstab
    And every node is rebooted
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
    When every node writes a synced and an unsynced file
    And every node loses power and boots again
    And the written files on every node are recorded
    And every snapshot is restored on "compute-2"
    Then every node has kept only the synced file
    And every restore has the content that was backed up
