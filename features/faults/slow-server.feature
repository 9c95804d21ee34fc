Feature: Restores succeed from a slow share

  Scenario: The NFS server answers with a delay of 50 ms, and every restore succeeds
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    When the NFS server "10.20.2.20" answers with a delay of 50 ms
    And the origin path is bound on every node
    And every snapshot is restored on every node
    Then every restore has the content that was backed up
