@fast
Feature: The documented process leads from the loss of a site to verified restores

  Scenario: The primary site is lost, and every snapshot is restored on the recovery site
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 2 VMs with 2 disks each has a full snapshot and 3 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 3 incremental snapshots
    And workload "web" must be restorable within 30 minutes and lose at most 1 hour
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    When site "primary" is lost
    And snapshot 4 of "web" is restored on "compute-1"
    Then every restore fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing
    When the origin path is bound on every node and kept in fstab
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    And the duration of each phase is known
