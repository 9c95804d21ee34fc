Feature: A recovery that is interrupted at any moment is carried out again from the start
  Until it was, fstab is the old file or the new one, and never anything between.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with no compute sees the same data as "10.20.2.20:/replica"

  Scenario: The node goes down in the middle
    When the recovery of every node stops because it does one of these, and is carried out again, each time with every snapshot restored
      | is rebooted after the origin path is bound |
      | loses its power while fstab is written     |
      | loses its power after fstab is written     |
    Then fstab is whole on every node each time: the old one or the new one
    And every restore has the content that was backed up

  @full
  Scenario: The node goes down at any other moment
    When the recovery of every node stops because it does one of these, and is carried out again, each time with every snapshot restored
      | is rebooted after the directory is made        |
      | loses its power after the directory is made    |
      | loses its power after the origin path is bound |
      | is rebooted after fstab is written             |
      | loses its power while fstab is written         |
    Then fstab is whole on every node each time: the old one or the new one
    And every restore has the content that was backed up
