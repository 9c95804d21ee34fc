Feature: In fstab, a blank in a share is \040
  A mount path has none, whatever the share: the page's commands and its line are right as they stand. The line of the
  share is not. With its blanks as they are it has too many fields, and mount ignores it, with a message that nobody
  reads at boot, and exit code 0: what is bound then is the empty directory.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot

  Scenario: An operator writes the share as it is, and then as it should be
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

  Scenario: fstab has the share as it should be, and the bind is kept behind it
    Given site "recovery" with no compute mounts the replica "10.20.2.20:/replica of the west"
    When the origin path is bound on every node and kept in fstab
    And every node is rebooted
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up
