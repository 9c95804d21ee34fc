Feature: assess reads targets over NFS on the nodes that mount them

  @fast
  Scenario: A node of the recovery site reports the origin paths that it needs
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

  Scenario: A node reads the recorded content over NFS
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

  @full
  Scenario: Targets of many shapes are judged over NFS as on a local disk
    Given site "recovery" with 1 compute (with dr-drill) mounts the share "10.20.2.20:/replica"
    When these targets are assessed on "compute-1", one after another on the share "10.20.2.20:/replica":
      | target                                          | shape                                                                       |
      | chains over an upgrade                          | workloads 1, vms 1, disks 1, snapshots 4, upgrade-after 2, upgrade-to 4.2   |
      | an incomplete replica                           | workloads 2, vms 1, disks 1, snapshots 4, missing 1                         |
      | a replica of which an image was cut short       | workloads 2, vms 1, disks 1, snapshots 4, cut-short 1                       |
      | networks beside disks                           | workloads 1, vms 2, disks 1, snapshots 3, networks yes                      |
      | retention, deleted snapshots, disks added later | workloads 2, vms 1, disks 2, snapshots 10, keep 6, added-disks 1, deleted 2 |
      | encrypted, and booted from an image             | workloads 2, vms 1, disks 1, snapshots 3, encrypted 1, image-booted 1       |
      | a record that did not arrive whole              | workloads 2, vms 1, disks 1, snapshots 3, broken-records 1                  |
    Then the assessments of these targets are:
      | target                                          | restores                                 | findings                           | exit code |
      | chains over an upgrade                          | 1 restorable, 3 after-recovery           | mixed-origin-paths                 | 0         |
      | an incomplete replica                           | 2 restorable, 3 after-recovery, 3 broken | incomplete-replica, missing-parent | 1         |
      | a replica of which an image was cut short       | 2 restorable, 3 after-recovery, 3 broken | truncated                          | 1         |
      | networks beside disks                           | 2 restorable, 4 after-recovery           |                                    | 0         |
      | retention, deleted snapshots, disks added later | 3 restorable, 15 after-recovery          | deleted-but-needed                 | 0         |
      | encrypted, and booted from an image             | 3 after-recovery, 3 with-secret          | encrypted, image-booted            | 0         |
      | a record that did not arrive whole              | 2 restorable, 4 after-recovery           | unreadable-record                  | 3         |
