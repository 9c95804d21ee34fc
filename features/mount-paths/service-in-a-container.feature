Feature: A service in a container does not see every bind of its host
  It gets only the host's mounts below one folder. Mounts made after it has started reach it only where mounts propagate.
  The host sees the origin path in any case.

  Background:
    Given site "primary" of kolla 4.1 (service in a container) backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "alike" of kolla 4.3 with no compute (service in a container) mounts the replica "10.20.2.20:/replica"
    And site "moved" of rhoso 6.2 with no compute (service in a container) mounts the share "10.20.2.20:/replica"
    And site "closed" of kolla 4.3 with no compute (private mounts, service in a container) mounts the share "10.20.2.20:/replica"

  Scenario: The service sees an origin path only below the folder that it shares with its host
    When the origin path is bound on every node of "alike" and "moved"
    And the origin path on every node of "alike" and "moved" is listed
    And every snapshot is restored on "alike/appliance" and "moved/appliance"
    Then the host finds the origin path filled on every node of "alike" and "moved"
    And the service finds the origin path filled on every node of "alike"
    And every restore on "alike/appliance" has the content that was backed up
    But the service finds the origin path missing on every node of "moved"
    And every full snapshot restored on "moved/appliance" has the content that was backed up
    And every incremental snapshot restored on "moved/appliance" fails because the origin path is missing there
    When the service container is restarted on every node of "moved"
    And every snapshot is restored on "moved/appliance"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is missing there

  Scenario: A running service sees a new bind only after a restart where mounts are private
    When the origin path is bound on every node and kept in fstab
    And the origin path on every node is listed
    And every snapshot is restored on "appliance"
    Then the host finds the origin path filled on every node
    But the service finds the origin path empty on every node
    And every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path is empty
    When the service container is restarted on every node
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up
    When every node is rebooted
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up
