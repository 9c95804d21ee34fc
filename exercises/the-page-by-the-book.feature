@exercise
Feature: The page, by the book
  The primary site is lost. A team takes the recovery site through the documented process: mount paths on every node,
  owners, schedules.

  Scenario: A team prepares the recovery site, and every snapshot restores there, also after a reboot
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
      | bob   | billing  | member |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "bob" in project "billing"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
      | bob   | billing  | member |
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    When the team recovers the site within 45 minutes
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When every node is rebooted
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
