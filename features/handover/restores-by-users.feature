Feature: Users restore their own workloads after a handover
  The workload manager restores for users with the role in the project of the workload. Its own claims prove nothing: the
  disks that it leaves on a compute are judged by their content.

  Background:
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 1 incremental snapshot
    And site "recovery" has the users:
      | user  | project  | roles          |
      | alice | web-shop | member         |
      | bob   | web-shop | reader         |
      | carol | archive  | member, reader |
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    Then the workload manager succeeds

  @gate
  Scenario: Restores in one click and in place have the content that was backed up
    When "alice" restores snapshot 2 of "web"
    Then the restore fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing on "appliance"
    And the restore ends in error because "the size of its chain cannot be read"
    When the origin path is bound on every node
    And "alice" restores snapshot 2 of "web" on "compute-2"
    Then snapshot 2 of "web" restored on "compute-2" has the content that was backed up
    When "alice" restores snapshot 1 of "web" in place
    Then snapshot 1 of "web" restored on "compute-2" has the content that was backed up
    When "alice" restores snapshot 2 of "web"
    Then the restore is refused because "can only be restored in place"

  Scenario: A restore fails on the compute that has no origin path, although the appliance has it
    When the origin path is bound on "appliance" and "compute-1"
    And "alice" restores snapshot 2 of "web" on "compute-2"
    Then the restore fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing on "compute-2"
    When "alice" restores snapshot 2 of "web"
    Then snapshot 2 of "web" restored on "compute-1" has the content that was backed up

  Scenario: Only users with the role in the project of the workload can restore it
    Given the origin path is bound on every node
    When "bob" restores snapshot 1 of "web"
    Then the restore is refused because "bob does not have the role member in project web-shop"
    When "carol" restores snapshot 1 of "web"
    Then the restore is refused because "belongs to project web-shop, not to archive"
    When the role "member" of "alice" in project "web-shop" is withdrawn
    And "alice" in project "web-shop" restores snapshot 1 of "web"
    Then the restore is refused because "user alice has no role in project web-shop"

  Scenario: A cancelled restore leaves no disk and no process
    Given the origin path is bound on every node
    When "alice" cancels a restore of snapshot 2 of "web"
    Then the restore ends with the state "cancelled"
    When "alice" restores snapshot 2 of "web"
    Then snapshot 2 of "web" has the content that was backed up
