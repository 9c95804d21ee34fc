Feature: From 4.2 on, mistakes in the export path break incremental restores
  The text after a question mark is not encoded, and a slash at the end is. Encoding the whole share, which is right up
  to 4.1, is a mistake.

  Background:
    Given site "primary" of juju 4.2 backs up to the shares "10.10.2.20:/openstack/backup/?class=gold" and "10.10.2.20:/other"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" of juju 4.2 with 1 compute mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: Incremental restores fail after each mistake and succeed with the right path
    When an operator makes each of these mistakes and restores every snapshot on "compute-1":
      | echo is run without -n                             |
      | a slash is added at the end                        |
      | a space before the share is encoded too            |
      | the whole share is encoded                         |
      | the whole list of shares is encoded                |
      | what comes after the path is encoded too           |
      | the slash at the end is left out                   |
      | the base directory of another distribution is used |
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/L29wZW5zdGFjay9iYWNrdXAv" is missing
    When the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
