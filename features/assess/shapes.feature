@fast
Feature: assess judges targets of different shapes

  Scenario: Chains that span an upgrade need two origin paths
    Given a target of this shape:
      | workloads     | 1   |
      | vms           | 1   |
      | disks         | 1   |
      | snapshots     | 4   |
      | upgrade-after | 2   |
      | upgrade-to    | 4.2 |
    When the target is assessed
    Then the findings are "mixed-origin-paths"
    And these origin paths are needed:
      | path                                                 | share                | images |
      | /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= | 10.10.2.20:/upstream | 3      |
      | /var/triliovault-mounts/L3Vwc3RyZWFt                 | *:/upstream          | 2      |
    And the assessment exits with 0

  Scenario: An incomplete replica is reported with its missing images
    Given a target of this shape:
      | workloads | 2 |
      | snapshots | 4 |
      | missing   | 1 |
    When the target is assessed
    Then the assessment exits with 1
    And the assessment prints "recorded in disk_db, but missing"

  Scenario: A truncated image of a replica is reported
    Given a target of this shape:
      | workloads | 2 |
      | vms       | 1 |
      | disks     | 1 |
      | snapshots | 4 |
      | cut-short | 1 |
    When the target is assessed
    Then the findings are "truncated"
    And the assessment exits with 1
    And nothing on the target has changed

  Scenario: Networks and security groups are not taken for disks
    Given a target of this shape:
      | workloads | 1    |
      | vms       | 2    |
      | disks     | 1    |
      | snapshots | 3    |
      | networks  | true |
    When the target is assessed
    Then the restores are:
      | restorable     | 2 |
      | after-recovery | 4 |
    And there are no findings
    And the assessment exits with 0

  Scenario: Deleted snapshots that others need are reported, disks added later are not
    Given a target of this shape:
      | workloads   | 2  |
      | vms         | 1  |
      | disks       | 2  |
      | snapshots   | 10 |
      | keep        | 6  |
      | added-disks | 1  |
      | deleted     | 2  |
    When the target is assessed
    Then the findings are "deleted-but-needed"
    And the assessment exits with 0

  Scenario: Encrypted workloads and disks booted from an image are reported
    Given a target of this shape:
      | workloads    | 2 |
      | vms          | 1 |
      | disks        | 1 |
      | snapshots    | 3 |
      | encrypted    | 1 |
      | image-booted | 1 |
    When the target is assessed
    Then the findings are "encrypted, image-booted"
    And the assessment exits with 0

  Scenario: Truncated records are reported as unreadable
    Given a target of this shape:
      | workloads      | 2 |
      | snapshots      | 3 |
      | broken-records | 1 |
    When the target is assessed
    Then the findings are "unreadable-record"
    And the assessment exits with 3

  Scenario: A workload whose newest snapshot is too old fails --fail-on stale
    Given a target of one disk in 3 snapshots
    When the target is assessed with "--max-age 24h --fail-on stale"
    Then the assessment exits with 1
    And the assessment prints '"stale":1'

  Scenario: Changed content is a longer file for headers, and proven by --depth content
    Given a target with data of one disk in 3 snapshots
    And image 1 of its chain is "written to"
    When the target is assessed
    Then the findings are "record-disagrees"
    When the target is assessed with "--depth content"
    Then the findings are "record-disagrees, wrong-content"
    And the assessment exits with 1
    And nothing on the target has changed
