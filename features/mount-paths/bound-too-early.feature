Feature: A bind before the share is mounted works only where mounts are shared
  It binds the empty directory below. Where mounts are shared, as with systemd, the share appears at the origin path when
  it is mounted later. Where mounts are private, the origin path stays empty.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "open" with no compute (mounts on demand) mounts the replica "10.20.2.20:/replica"
    And site "closed" with no compute (private mounts, mounts on demand) mounts the share "10.20.2.20:/replica"

  Scenario: A bind before the product mounts leaves the origin path empty where mounts are private
    When an operator tries to bind the origin path on every node
    Then the bind is refused because nothing is mounted at the local path
    When an operator binds the origin path by hand on every node of "open" and "closed"
    And the product mounts its shares on every node of "open" and "closed"
    And every snapshot is restored on "open/appliance" and "closed/appliance"
    Then every restore on "open/appliance" has the content that was backed up
    And every full snapshot restored on "closed/appliance" has the content that was backed up
    And every incremental snapshot restored on "closed/appliance" fails because the origin path is empty
    When the product unmounts its idle shares on every node of "open"
    And the origin path on every node of "open" is listed
    Then the host finds the origin path empty on every node of "open"
    When the product mounts its shares on every node of "open"
    And an operator unmounts the origin path by hand on every node of "closed"
    And the origin path is bound on every node of "closed"
    And every snapshot is restored on "open/appliance" and "closed/appliance"
    Then every restore has the content that was backed up

  Scenario: The documented line in fstab leaves the origin path empty where mounts are private
    When the product mounts its shares on every node of "open" and "closed"
    And an operator binds the origin path by hand on every node of "open" and "closed"
    And an operator adds the bind to fstab on every node of "open" and "closed"
    And every node of "open" and "closed" is rebooted
    And the product mounts its shares on every node of "open" and "closed"
    And every snapshot is restored on "open/appliance" and "closed/appliance"
    Then every restore on "open/appliance" has the content that was backed up
    And every full snapshot restored on "closed/appliance" has the content that was backed up
    And every incremental snapshot restored on "closed/appliance" fails because the origin path is empty
    When an operator adds the share and the bind to fstab on every node of "closed"
    And every node of "closed" is rebooted
    And the product mounts its shares on every node of "closed"
    And every snapshot is restored on "closed/appliance"
    Then every restore has the content that was backed up

  Scenario: The line of recover in fstab leaves the origin path empty where mounts are private
    When the product mounts its shares on every node of "open" and "closed"
    And the origin path is bound on every node of "open" and "closed" and kept in fstab
    And every node of "open" and "closed" is rebooted
    And the product mounts its shares on every node of "open" and "closed"
    And every snapshot is restored on "open/appliance" and "closed/appliance"
    Then every restore on "open/appliance" has the content that was backed up
    And every full snapshot restored on "closed/appliance" has the content that was backed up
    And every incremental snapshot restored on "closed/appliance" fails because the origin path is empty
    When the recovery is undone on every node of "closed"
    And an operator binds the origin path by hand on every node of "closed"
    And an operator adds the share and the bind to fstab on every node of "closed"
    And every node of "closed" is rebooted
    And the product mounts its shares on every node of "closed"
    And every snapshot is restored on "closed/appliance"
    Then every restore has the content that was backed up
