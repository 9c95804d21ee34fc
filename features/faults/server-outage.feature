Feature: A server that dies is a reason, and not a wait without end

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: The NFS server loses its power before a restore
    When the origin path is bound on every node
    And the NFS server "10.20.2.20" loses power
    And snapshot 2 of "web" is restored on "compute-1"
    Then every restore fails because the share is not answering

  @full
  Scenario: The NFS server stops answering, with its connections open
    When the origin path is bound on every node
    And the NFS server "10.20.2.20" stops answering
    And snapshot 2 of "web" is restored on "compute-1"
    Then every restore fails because the share is not answering
