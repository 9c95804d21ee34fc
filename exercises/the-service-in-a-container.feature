@exercise
Feature: The host sees it, and the service does not
  The product was upgraded from 4.1 to 4.2 with the move to the recovery site: mount paths are encoded by another rule. Its
  service runs in a container, which has mounts of its own.

  Scenario: A team recovers a site whose service runs in a container, and every snapshot restores there
    Given site "primary" of kolla 4.1 (service in a container) backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And site "recovery" of kolla 4.2 with 1 compute (private mounts, service in a container) mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    When the team recovers the site within 40 minutes
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When every node is rebooted
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
