Feature: A share with a space in it is mounted at boot if fstab has \040 there

  Scenario: An operator writes the share as it is spelled everywhere else, then as fstab wants it
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with no compute (private mounts, mounts on demand) sees the same data as "10.20.2.20:/gold replica"
    When an operator has the share, with its space as it is, in fstab before the page's line on every node
    And every node is rebooted
    And the product mounts its shares on every node
    And every snapshot of every disk is restored on "appliance"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is empty
    When an operator has the share in fstab before the page's line on every node
    And every node is rebooted
    And the product mounts its shares on every node
    And every snapshot of every disk is restored on "appliance"
    Then every restore has the content that was backed up
