Feature: A bind leads to the mount that it was made from
  The product mounts shares on demand and unmounts them when they are idle. The mount behind the origin path stays, even
  when the product switches to another share at the same mount path.

  Scenario: A bind survives an unmount, and leads to the old server after a switch
    Given site "primary" of juju 6.2 backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" of juju 6.2 with no compute (mounts on demand) mounts the replica "10.20.2.20:/replica"
    And workload "web" gets 2 more incremental snapshots
    And the share "10.10.2.20:/upstream" is replicated to "10.30.2.20:/replica"
    When the product mounts its shares on every node
    And the origin path is bound on every node
    And the product unmounts its idle shares on every node
    And the origin path on every node is listed
    And the product mounts its shares on every node
    And snapshot 2 of "web" is restored on "appliance"
    Then the host finds the origin path filled on every node
    And the restore has the content that was backed up
    When the product of site "recovery" switches to the share "10.30.2.20:/replica"
    And the shares at both paths on every node are recorded
    And the images are read through the origin path on every node
    And snapshot 3 of "web" is restored on "appliance"
    Then the origin path leads to "10.20.2.20:/replica" and the local path to "10.30.2.20:/replica" on every node
    And the origin path does not resolve on every node: "another target"
    And the restore has the content that was backed up
    When snapshot 4 of "web" is restored on "appliance"
    Then the restore fails because its parent is missing
    When the recovery is undone on every node
    And the origin path is bound on every node
    And the images are read through the origin path on every node
    And every snapshot is restored on "appliance"
    Then the origin path resolves on every node
    And every restore has the content that was backed up
