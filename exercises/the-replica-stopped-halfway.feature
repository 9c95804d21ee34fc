@exercise
Feature: The replica stopped halfway, and two projects are gone
  The link to the recovery site broke while the last backup was replicated. Later, the primary site was lost. Nobody at the
  new cloud has heard of the projects that the workloads belong to.

  Scenario: A team saves what can be saved, gives it to new owners, and the next backup succeeds
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
      | bob   | billing  | member |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "db" belongs to "bob" in project "billing"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And the share "10.10.2.20:/upstream" is replicated to "10.30.2.20:/vault"
    And workload "db" gets 1 more incremental snapshot
    And workload "web" gets 1 more incremental snapshot
    And site "recovery" has the users:
      | user  | project | roles  |
      | erin  | sales   | member |
      | frank | finance | member |
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    And the images of snapshot 2 of "web" on the share "10.20.2.20:/replica" are cut in half
    And the images of snapshot 3 of "web" on the share "10.20.2.20:/replica" are deleted
    And site "primary" is lost
    When the team recovers the site within 60 minutes
    And every snapshot of "db" is restored on every compute
    Then every restore has the content that was backed up
    When snapshot 1 of "web" is restored on every compute
    Then every restore has the content that was backed up
    When snapshot 2 of "web" is restored on every compute
    Then every restore has the content that was backed up
    When every node loses power and boots again
    And "frank" restores snapshot 3 of "db"
    Then the restore ends with the state "available"
    When "erin" restores snapshot 2 of "web"
    Then the restore ends with the state "available"
    When the owners of workloads are recorded
    Then the schedule of workload "db" is enabled
    And the schedule of workload "web" is enabled
    Given the instances of workload "web" change
    When the scheduled backups of a week later run
    Then the new snapshot is available
    When every node is rebooted
    And snapshot 4 of "web" is restored on every compute
    Then every restore has the content that was backed up
