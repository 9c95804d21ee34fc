Feature: assess judges the shares that the product has mounted on a node

  Scenario: Every snapshot is restorable once the origin path is bound
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And site "recovery" with 1 compute (with dr-drill) mounts the replica "10.20.2.20:/replica"
    When "compute-1" assesses its mounted shares
    Then the assessment on "compute-1" counts "1 restorable, 2 after-recovery"
    When the origin path is bound on every node
    And "compute-1" assesses its mounted shares
    Then the assessment on "compute-1" counts "3 restorable"
    And the assessment on "compute-1" exits with 0

  Scenario: The server stops answering, and assess reports in time what it has read
    Given site "recovery" with 1 compute (with dr-drill) mounts the share "10.20.2.20:/replica"
    And the share "10.20.2.20:/replica" holds a generated target of this shape:
      | workloads | 20 |
      | vms       | 1  |
      | disks     | 1  |
      | snapshots | 20 |
    When the NFS server "10.20.2.20" answers with a delay of 5 ms
    And "compute-1" assesses its mounted shares with "--concurrency 4 --answer-within 5s" while the NFS server "10.20.2.20" stops answering
    Then the assessment on "compute-1" takes at most 60 s
    And the assessment on "compute-1" exits with 3
    And the assessment is incomplete because of "no answer for 5 s"
    And the assessment on "compute-1" reads 20 to 399 images

  Scenario: The server stops answering while content is read, and assess reports in time what it has read
    Given site "recovery" with 1 compute (with dr-drill) mounts the share "10.20.2.20:/replica"
    And the share "10.20.2.20:/replica" holds a generated target of this shape:
      | workloads | 4    |
      | vms       | 1    |
      | disks     | 1    |
      | disk-size | 1GiB |
      | snapshots | 1    |
      | with-data | yes  |
    When the NFS server "10.20.2.20" answers with a delay of 20 ms
    And "compute-1" assesses its mounted shares with "--depth content --concurrency 1 --answer-within 5s" while the NFS server "10.20.2.20" stops answering
    Then the assessment on "compute-1" takes at most 180 s
    And the assessment on "compute-1" exits with 3
    And the assessment is incomplete because of "no answer"
    And the assessment on "compute-1" counts 1 to 3 "restorable" restores
    And the assessment on "compute-1" counts 1 to 3 "unknown" restores
