@exercise
Feature: One compute was forgotten, and the appliance was rebooted
  A colleague has recovered the site during the night, and has gone home. Restores worked then. Now they fail, some of the
  time.

  Scenario: A team finds what is missing on each node, and every snapshot restores there, also after a reboot
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 2 incremental snapshots
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    And an operator binds the origin path by hand on "appliance" and "compute-1"
    And an operator adds the bind to fstab on "compute-1"
    And "appliance" is rebooted
    When the team recovers the site within 30 minutes
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When every node is rebooted
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
