Feature: Workloads of the same cloud are imported, and then restore
  The recovery site has the users of the lost site, with the same ids. Its workload manager starts empty.

  Background:
    Given site "primary" has the users:
      | user  | project  | roles  | email             |
      | alice | web-shop | member | alice@example.org |
      | bob   | billing  | member | bob@example.org   |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "bob" in project "billing"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the same users as site "primary"
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: Every workload is imported to its owner, with its schedule
    When an administrator lists the workloads
    Then the list is empty
    When an administrator lists the importable workloads
    Then the list contains every workload
    When an administrator imports every workload
    Then the workload manager succeeds
    And workload "web" is owned by "alice" in project "web-shop"
    And workload "db" is owned by "bob" in project "billing"
    And the schedule of workload "web" is enabled
    When "alice" in project "web-shop" lists the workloads
    Then the list contains workload "web"
    And the list does not contain workload "db"

  Scenario: A single workload is imported, and the others stay importable
    When an administrator imports workload "web"
    Then the site knows workload "web"
    And the site does not know workload "db"
    When an administrator lists the importable workloads
    Then the list contains workload "db"
    And the list does not contain workload "web"
    When "bob" in project "billing" runs "workloadmgr workload-importworkloads"
    Then the workload manager fails because "bob is not an administrator"

  Scenario: An import succeeds without the origin path, and only the restore fails
    When an administrator imports every workload
    Then the workload manager succeeds
    And the site knows every workload
    When every snapshot is restored on every compute
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is missing on "appliance"
    When the origin path is bound on every node
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up

  Scenario: What was imported survives a power cut of the appliance
    When an administrator imports every workload
    And "appliance" loses power and boots again
    And the owners of workloads are recorded
    Then workload "web" is owned by "alice" in project "web-shop"
    And workload "db" is owned by "bob" in project "billing"
