Feature: assess waits for many answers of a slow share at once

  @full
  Scenario: A share with answers that take 20 ms is assessed 10 times faster than with --concurrency 1
    Given site "recovery" with 1 compute (with dr-drill) mounts the share "10.20.2.20:/replica"
    And the share "10.20.2.20:/replica" holds a generated target of this shape:
      | workloads | 12 |
      | vms       | 1  |
      | disks     | 1  |
      | snapshots | 20 |
    When the NFS server "10.20.2.20" answers with a delay of 20 ms
    And "compute-1" assesses its mounted shares with "--concurrency 1"
    And "compute-1" assesses its mounted shares
    Then the second assessment on "compute-1" is at least 10 times faster than the first
    And the assessment on "compute-1" reads 240 to 240 images
    And the assessment on "compute-1" exits with 0
