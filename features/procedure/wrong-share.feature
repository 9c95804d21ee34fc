@fast
Feature: A wrong share at the origin path restores wrong data without an error
  The tools report success. Only the content shows the mistake.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 2 VMs with 2 disks each has a full snapshot and 3 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 3 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica" and the share "10.20.2.20:/other"
    And the share "10.20.2.20:/other" holds different images with the same names
    And site "primary" is lost

  Scenario: A share with the same image names is bound, and incremental snapshots have the wrong content
    When the origin path is bound to the share "10.20.2.20:/other" on every node
    And every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot has the wrong content although qemu-img succeeds
