@fast
Feature: Incremental restores need the origin path
  An incremental image names its parent by an absolute path, which contains the encoded share of the primary site.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 2 VMs with 2 disks each has a full snapshot and 3 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 3 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: No node is bound, and only full snapshots restore
    When every snapshot is restored on "compute-1"
    And qemu-img info reads every image on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing
    And qemu-img info reports no error
