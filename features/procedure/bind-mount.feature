Feature: Binding the origin path makes every snapshot restorable
  An operator creates the directory and binds the local path to it, on the appliance and on every compute node.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 2 VMs with 2 disks each has a full snapshot and 3 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 3 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  @fast
  Scenario: Every node is bound, and every restore succeeds
    When the origin path is bound on every node
    And every snapshot is restored on every node
    Then every restore has the content that was backed up

  @fast
  Scenario: One compute is forgotten, and incremental restores fail there
    When the origin path is bound on "appliance" and "compute-1"
    And every snapshot is restored on every compute
    Then every restore on "compute-1" has the content that was backed up
    And every full snapshot restored on "compute-2" has the content that was backed up
    And every incremental snapshot restored on "compute-2" fails because the origin path is missing there

  Scenario: The appliance is forgotten, and incremental restores fail on every compute
    When the origin path is bound on "compute-1" and "compute-2"
    And every snapshot is restored on every compute
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is missing on "appliance"
