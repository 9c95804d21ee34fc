Feature: Workloads of a lost cloud are orphans until they are reassigned
  The recovery site has other users and projects. The records on the replica name owners that it does not know.

  Background:
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
      | carol | archive  | reader |
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: Orphans are found only in the whole storage, and an import leaves them out
    When an administrator lists the importable workloads
    Then the list is empty
    When an administrator lists the orphaned workloads
    Then the list is empty
    When an administrator lists the orphaned workloads of the whole storage
    Then the list contains workloads "web" and "db"
    When an administrator imports every workload
    Then the workload manager succeeds
    And the site does not know every workload

  @gate
  Scenario: A reassigned workload has its new owner in every record, and its schedule is off until it is enabled
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    Then the workload manager succeeds
    And workload "web" is owned by "alice" in project "web-shop"
    And the schedule of workload "web" is disabled
    And the records of workload "db" still name the old owner
    And the site does not know workload "db"
    When an administrator enables the schedule of workload "web"
    Then the schedule of workload "web" is enabled

  @gate
  Scenario: An unknown project changes nothing, and reports success
    When an administrator reassigns workload "web" of another cloud to "alice" in a project that does not exist
    Then the workload manager succeeds
    And the records of workload "web" still name the old owner
    And the site does not know workload "web"

  Scenario: A user who is not in the project, or lacks the role, is refused before anything changes
    When an administrator reassigns workload "web" of another cloud to "carol" in project "web-shop"
    Then the workload manager fails because "user not found"
    When an administrator reassigns workload "web" of another cloud to "carol" in project "archive"
    Then the workload manager fails because "role not found"
    When the role "member" of "alice" in project "web-shop" is withdrawn
    And an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    Then the workload manager fails because "user not found"
    And the records of workload "web" still name the old owner

  Scenario: A workload of another cloud that is not in the database needs the whole storage
    When an administrator reassigns workload "web" to "alice" in project "web-shop"
    Then the workload manager fails because "not in the database"
    And the records of workload "web" still name the old owner

  Scenario: A reassignment without the mount paths succeeds, and only the restores fail
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    Then the workload manager succeeds
    And workload "web" is owned by "alice" in project "web-shop"
    When every snapshot of "web" is restored on every compute
    Then every full snapshot of "web" has the content that was backed up
    And every incremental snapshot of "web" fails because the origin path is missing on "appliance"
