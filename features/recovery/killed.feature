Feature: A killed recovery is finished or undone by another process
  Each action is recorded on the disk of the control host before it is carried out. Nothing depends on the killed process.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"

  Scenario Outline: A recovery that is killed when <what> is undone, repeated and undone again
    When an operator runs the runbook "fixtures/runbooks/dr-drill-killed.sh '<printed>' --site $DR_DRILL_SITE --persist --verify none"
    Then the runbook fails with exit code 137
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --undo --yes"
    Then the runbook succeeds
    When every snapshot is restored on every node
    Then every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing
    When an operator runs the runbook "fixtures/runbooks/dr-drill-killed.sh '<printed>' --site $DR_DRILL_SITE --persist --verify none"
    Then the runbook fails with exit code 137
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes"
    Then the runbook succeeds
    When every node loses power and boots again
    And every snapshot is restored on every node
    Then every restore has the content that was backed up
    When an operator runs the runbook "fixtures/runbooks/dr-drill-killed.sh 'undone: unmount' --site $DR_DRILL_SITE --undo"
    Then the runbook fails with exit code 137
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --undo --yes"
    Then the runbook succeeds
    When every node is rebooted
    And every snapshot is restored on every node
    Then every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

    Examples:
      | what                | printed                  |
      | a directory is made | done: make the directory |
      | a path is bound     | done: bind               |
      | fstab is written    | done: keep the bind      |
