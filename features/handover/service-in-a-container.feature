Feature: A handover to a site whose service runs in a container
  Restores run with the mounts of the service. The workload manager and the appliance see the binds of the host, and the
  service does not see all of them.

  Background:
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "primary" of kolla 4.1 with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot

  Scenario: Users restore a reassigned workload after the restart of a service that does not see the bind
    Given site "recovery" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "recovery" of kolla 6.2 with 1 compute (private mounts, service in a container) mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    Then workload "web" is owned by "alice" in project "web-shop"
    When the origin path is bound on every node and kept in fstab
    And the origin path on every node is listed
    And "alice" restores snapshot 2 of "web"
    Then the host finds the origin path filled on every node
    But the restore fails because the origin path is empty on "appliance"
    And the restore ends in error because "the size of its chain cannot be read"
    When the service container is restarted on "appliance"
    And "alice" restores snapshot 2 of "web"
    Then the restore fails because the origin path is empty on "compute-1"
    When the service container is restarted on "compute-1"
    And "alice" restores snapshot 2 of "web"
    Then snapshot 2 of "web" restored on "compute-1" has the content that was backed up

  Scenario: An import is a job, and writes the share of the site into the records of a replica
    Given site "recovery" has the same users as site "primary"
    And site "recovery" of kolla 6.2 with 1 compute (service in a container) mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    When the owners of workloads are recorded
    Then the records of workload "web" name the share "10.10.2.20:/upstream"
    When an administrator imports every workload
    Then the job ends as "available"
    And the site knows workload "web"
    And workload "web" is owned by "alice" in project "web-shop"
    And the records of workload "web" name the share "10.20.2.20:/replica"
    When the origin path is bound on every node
    And "alice" restores snapshot 2 of "web"
    Then snapshot 2 of "web" has the content that was backed up
