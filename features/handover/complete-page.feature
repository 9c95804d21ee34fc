Feature: The complete procedure leads from the loss of a site to the restored disk of a user
  Each step of the documented process, in its order, on a cloud with other projects and users. The summary of the run
  has the time of each step.

  Scenario: Mount paths, owners, mails and a restore by a user, after the loss of the primary site
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
      | bob   | billing  | member |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "bob" in project "billing"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the users:
      | user  | project  | roles  | email             |
      | alice | web-shop | member | alice@example.org |
      | bob   | billing  | member | bob@example.org   |
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And a mail server "mail"
    When site "primary" is lost
    And the images of snapshot 2 of "db" on the share "10.20.2.20:/replica" are deleted
    And the origin path is bound on every node and kept in fstab
    And the images are read through the origin path on every node
    Then the origin path resolves on every node
    When an administrator lists the importable workloads
    Then the list is empty
    When an administrator lists the orphaned workloads of the whole storage
    Then the list contains workloads "web" and "db"
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    And an administrator reassigns workload "db" of another cloud to "bob" in project "billing"
    Then workload "web" is owned by "alice" in project "web-shop"
    And workload "db" is owned by "bob" in project "billing"
    When an administrator enables the schedule of workload "web"
    And an administrator enables the schedule of workload "db"
    Then the schedule of workload "web" is enabled
    And the schedule of workload "db" is enabled
    When the users are notified
    Then the mail to "alice" states that snapshot 2 of "web" restores
    And the mail to "bob" states that snapshot 1 of "db" restores
    And the mail to "bob" states that snapshot 2 of "db" does not restore
    And the mail to "alice" does not mention "billing"
    When "alice" restores snapshot 2 of "web" on "compute-2"
    Then snapshot 2 of "web" restored on "compute-2" has the content that was backed up
    And the duration of each phase is known
