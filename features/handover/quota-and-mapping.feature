Feature: A recovery site has other quotas, flavors and networks
  A restore in one click needs the names of the lost cloud. A mapping gives instances those of this cloud.

  Scenario: A mapping replaces the networks of the lost cloud, and the quota counts what was restored
    Given a lab with the topology "fixtures/topologies/other-names.yaml"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
    And the origin path is bound on every node
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    And "alice" restores snapshot 2 of "web"
    Then the restore is refused because 'network "private" does not exist in this cloud'
    When "alice" restores snapshot 2 of "web" with the mapping "fixtures/runbooks/restore.json"
    Then snapshot 2 of "web" has the content that was backed up
    When "alice" restores snapshot 1 of "web" with the mapping "fixtures/runbooks/restore.json"
    Then the restore is refused because "a quota of 1 instance, uses 1, and 1 more are needed"

  Scenario: A restore is refused while other instances use the cores and the memory of the project
    Given a lab with the topology "fixtures/topologies/few-cores.yaml"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 0 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 0 incremental snapshots
    When an administrator imports every workload
    And "alice" restores snapshot 1 of "web"
    Then snapshot 1 of "web" has the content that was backed up
    When "alice" restores snapshot 1 of "db"
    Then the restore is refused because "a quota of 3 cores, uses 2, and 2 more are needed"
    And the restore is refused because "a quota of 6144 MiB of memory, uses 4096, and 4096 more are needed"
    When "alice" restores snapshot 1 of "web" in place
    Then snapshot 1 of "web" has the content that was backed up
