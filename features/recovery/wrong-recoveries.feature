Feature: A wrong recovery is found, however healthy it looks
  Each scenario recovers the node with one mistake. Mount tables, exit codes and qemu-img report nothing in most of them.
  The content of the restores does.

  Background:
    Given site "primary" with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 3 incremental snapshots
    And site "recovery" with no compute mounts the replica "10.20.2.20:/replica"

  Scenario Outline: An operator runs <mistake>, and incremental restores fail because <reason>
    When an operator runs the runbook "fixtures/runbooks/wrong-recovery.py <mistake>" on every node
    And every snapshot is restored on "appliance"
    Then the runbook succeeds
    And every full snapshot has the content that was backed up
    And every incremental snapshot fails because <reason>

    Examples:
      | mistake                          | reason                             |
      | bind-a-subdirectory              | its parent is missing              |
      | bind-the-base-directory          | its parent is missing              |
      | make-a-loop                      | the origin path is not a directory |
      | make-a-file                      | the origin path is not a directory |
      | mount-over-a-private-origin-path | the origin path is empty           |

  Scenario Outline: An operator runs <mistake>, which propagates, and no snapshot restores
    When an operator runs the runbook "fixtures/runbooks/wrong-recovery.py <mistake>" on every node
    And every snapshot is restored on "appliance"
    Then the runbook succeeds
    And every restore fails because its image is missing

    @gate
    Examples:
      | mistake                    |
      | mount-over-the-origin-path |

    Examples:
      | mistake                   |
      | mount-over-the-local-path |

  Scenario: Half of the images were copied, and the newer half of the snapshots fails
    When an operator runs the runbook "fixtures/runbooks/wrong-recovery.py copy-half-of-the-images" on every node
    And every snapshot is restored on "appliance"
    Then the runbook succeeds
    And every full snapshot has the content that was backed up
    And snapshot 2 of "web" has the content that was backed up
    And snapshot 3 of "web" fails because its image is missing
    And snapshot 4 of "web" fails because its parent is missing

  Scenario Outline: An operator runs <mistake>, and restores succeed with the wrong content
    When an operator runs the runbook "fixtures/runbooks/wrong-recovery.py <mistake>" on every node
    And every snapshot is restored on "appliance"
    Then the runbook succeeds
    And <right> has the content that was backed up
    And <wrong> has the wrong content although qemu-img succeeds

    @gate
    Examples:
      | mistake           | right               | wrong                      |
      | swap-middle-links | every full snapshot | every incremental snapshot |

    Examples:
      | mistake          | right               | wrong                      |
      | skip-a-link      | every full snapshot | snapshot 4 of "web"        |
      | call-parents-raw | every full snapshot | every incremental snapshot |

  Scenario Outline: An operator runs <mistake>, and every restore succeeds with the wrong content
    When an operator runs the runbook "fixtures/runbooks/wrong-recovery.py <mistake>" on every node
    And every snapshot is restored on "appliance"
    Then the runbook succeeds
    And every restore has the wrong content although qemu-img succeeds

    Examples:
      | mistake               |
      | flip-a-bit            |
      | copy-half-of-an-image |

  Scenario: The clock is off by 30 hours, and every snapshot restores
    When an operator runs the runbook "fixtures/runbooks/wrong-recovery.py set-the-clock-wrong" on every node
    And every snapshot is restored on "appliance"
    Then the runbook succeeds
    And every restore has the content that was backed up
    And the duration of each phase is known
