Feature: A read-only replica can be listed, but its workloads cannot be reassigned
  A reassignment rewrites the owner in the records on the target.

  Scenario: The reassignment fails, and no record is changed
    Given a lab with the topology "fixtures/topologies/read-only-replica.yaml"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
    When an administrator lists the orphaned workloads of the whole storage
    Then the list contains workload "web"
    When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
    Then the workload manager fails because "read-only file system"
    And the records of workload "web" still name the old owner
    And the site does not know workload "web"
