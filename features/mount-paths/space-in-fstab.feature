Feature: In fstab, a space in a share is written as \040
  A mount path has no spaces, whatever the share: the documented commands and the documented line need no change. The
  line of the share does. With plain spaces it has too many fields. mount ignores it, with a message that is lost at
  boot and with exit code 0. The bind then shows the empty directory.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot

  Scenario: An unescaped share leaves the origin path empty after a reboot, an escaped one does not
    Given site "recovery" with no compute (private mounts, mounts on demand) mounts the replica "10.20.2.20:/replica of the west"
    When the product mounts its shares on every node
    And an operator binds the origin path by hand on every node
    And an operator adds the unescaped share and the bind to fstab on every node
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up
    When every node is rebooted
    And the product mounts its shares on every node
    And every snapshot is restored on "appliance"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is empty
    When an operator adds the share and the bind to fstab on every node
    And every node is rebooted
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up

  Scenario: A bind behind an escaped share in fstab survives a reboot
    Given site "recovery" with no compute mounts the replica "10.20.2.20:/replica of the west"
    When the origin path is bound on every node and kept in fstab
    And every node is rebooted
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up
