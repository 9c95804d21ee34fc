Feature: The next backup of a recovered workload continues its chain under the mount path of the recovery site
  So one chain has links under two origin paths: that of the lost site, and that of the recovery site. Restores of it
  need both.

  Background:
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "primary" with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the same users as site "primary"
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    And the origin path is bound on every node
    When an administrator imports every workload
    Then the workload manager succeeds
    When "alice" restores snapshot 2 of "web"
    Then snapshot 2 of "web" has the content that was backed up
    Given the instances of workload "web" change
    When "alice" backs up workload "web"
    Then the new snapshot is incremental

  @gate
  Scenario: The site that fails back needs the origin path of the recovery site
    Then the new snapshot names its parent under "/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=="
    When every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
    Given the share "10.20.2.20:/replica" is replicated to "10.10.2.20:/upstream"
    When every snapshot is restored on "primary/compute-1"
    Then snapshot 2 of "web" has the content that was backed up
    But snapshot 3 of "web" fails because the origin path "/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==" is missing
    When the origin path "/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==" is bound on "primary/appliance" and "primary/compute-1"
    And every snapshot is restored on "primary/compute-1"
    Then every restore has the content that was backed up

  Scenario: Retention commits the next snapshot into the oldest, and later ones keep their content
    When "alice" deletes snapshot 1 of "web"
    Then the workload manager succeeds
    When "alice" restores snapshot 3 of "web" in place
    Then snapshot 3 of "web" has the content that was backed up
    When snapshot 2 of "web" is restored on "compute-1"
    Then snapshot 2 of "web" has the content that was backed up

  Scenario: Backups and retention fail on a read-only replica, and change nothing
    Given the share "10.20.2.20:/replica" becomes read-only
    When "alice" deletes snapshot 1 of "web"
    Then the workload manager fails because "read-only file system"
    When "alice" backs up workload "web"
    Then the new snapshot ends in error because "read-only file system"
    When every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up

  Scenario: Scheduled backups go on after an import, and not after a reassignment
    When the scheduled backups of a week later run
    Then the new snapshot is incremental
    When an administrator reassigns workload "web" to "alice" in project "web-shop"
    And the scheduled backups of a week later run
    Then the workload manager prints "[]"
