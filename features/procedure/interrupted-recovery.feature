Feature: An interrupted recovery can be repeated from the start
  Until then, fstab is the old file or the new one, and never half written.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with no compute mounts the replica "10.20.2.20:/replica"

  Scenario: A node goes down during its recovery, and the repeated recovery succeeds
    When an operator recovers every node again and restores every snapshot after each of these interruptions:
      | is rebooted after the origin path is bound |
      | loses its power while fstab is written     |
      | loses its power after fstab is written     |
    Then every node has a complete fstab after each interruption
    And every restore has the content that was backed up

  @full
  Scenario: A node goes down at any other moment, and the repeated recovery succeeds
    When an operator recovers every node again and restores every snapshot after each of these interruptions:
      | is rebooted after the directory is made        |
      | loses its power after the directory is made    |
      | loses its power after the origin path is bound |
      | is rebooted after fstab is written             |
      | loses its power while fstab is written         |
    Then every node has a complete fstab after each interruption
    And every restore has the content that was backed up
