Feature: A mistake in the origin path shows only in incremental restores
  The operator's commands succeed, or fail in a way that is easily overlooked. This share is a hard case: it is longer
  than a line of base64, and its encoding contains a slash, so that its mount path is nested. So is the mount path of its
  replica.

  Background:
    Given site "primary" backs up to the shares "10.10.2.20:/nfs/openstack/region-west/backup?class=gold&keep=production" and "10.10.2.20:/other"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica1?class=gold"
    And site "primary" is lost

  Scenario: Incremental restores fail after each mistake and succeed with the right path
    When an operator makes each of these mistakes and restores every snapshot on "compute-1":
      | echo is run without -n                                      |
      | base64 is run without -w0                                   |
      | a slash is added at the end                                 |
      | a space before the share is encoded too                     |
      | the export path alone is encoded                            |
      | the whole list of shares is encoded                         |
      | the base directory of another distribution is used          |
      | the directory is made without -p                            |
      | only the last level of the directory is made                |
      | workloads are looked for one level below the base directory |
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovbmZzL29wZW5zdGFjay9yZWdpb24td2VzdC9iYWNrdXA/Y2xhc3M9Z29sZCZrZWVwPXByb2R1Y3Rpb24=" is missing
    When the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
