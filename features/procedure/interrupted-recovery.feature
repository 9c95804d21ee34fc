Feature: A recovery that is interrupted at any moment is carried out again from the start
  Until it was, fstab is the old file or the new one, and never anything between.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with no compute mounts the replica "10.20.2.20:/replica"

  Scenario: The node goes down in the middle
    When an operator recovers every node again and restores every snapshot after each of these interruptions:
      | is rebooted after the origin path is bound |
      | loses its power while fstab is written     |
      | loses its power after fstab is written     |
    Then every node has a complete fstab after each interruption
    And every restore has the content that was backed up

  @full
  Scenario: The node goes down at any other moment
    When an operator recovers every node again and restores every snapshot after each of these interruptions:
      | is rebooted after the directory is made        |
      | loses its power after the directory is made    |
      | loses its power after the origin path is bound |
      | is rebooted after fstab is written             |
      | loses its power while fstab is written         |
    Then every node has a complete fstab after each interruption
    And every restore has the content that was backed up
