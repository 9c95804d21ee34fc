Feature: Restores fail with a reason when the NFS server is gone

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: The NFS server loses power, and restores fail because the share is not answering
    When the origin path is bound on every node
    And the NFS server "10.20.2.20" loses power
    And snapshot 2 of "web" is restored on "compute-1"
    Then every restore fails because the share is not answering

  @full
  Scenario: The NFS server stops answering on open connections, and restores fail
    When the origin path is bound on every node
    And the NFS server "10.20.2.20" stops answering
    And snapshot 2 of "web" is restored on "compute-1"
    Then every restore fails because the share is not answering
