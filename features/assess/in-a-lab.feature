Feature: Targets are assessed where they are mounted, over NFS

  @fast
  Scenario: A node of the recovery site says what it needs
    Given site "recovery" (with dr-drill) mounts the share "10.20.2.20:/replica"
    And the share "10.20.2.20:/replica" holds a generated target of this shape:
      | workloads     | 2   |
      | vms           | 1   |
      | disks         | 1   |
      | snapshots     | 4   |
      | image-booted  | 1   |
      | upgrade-after | 2   |
      | upgrade-to    | 4.2 |
    When the share "10.20.2.20:/replica" is assessed on "compute-1"
    Then the restores are:
      | restorable     | 1 |
      | after-recovery | 7 |
    And these origin paths are needed:
      | path                                                 | share                | images |
      | /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= | 10.10.2.20:/upstream | 7      |
      | /var/triliovault-mounts/L3Vwc3RyZWFt                 | *:/upstream          | 4      |
    And the assessment exits with 0

  Scenario: What was recorded when the images were made is what a node reads over NFS
    Given site "recovery" (with dr-drill) mounts the share "10.20.2.20:/replica"
    And the share "10.20.2.20:/replica" holds a generated target of this shape:
      | workloads | 1    |
      | vms       | 1    |
      | disks     | 1    |
      | disk-size | 1GiB |
      | snapshots | 3    |
      | with-data | yes  |
    When the share "10.20.2.20:/replica" is assessed on "compute-1" with "--depth content"
    Then the restores are:
      | restorable     | 1 |
      | after-recovery | 2 |
    And there are no findings
    And the assessment exits with 0
