Feature: recover prepares hosts that it reaches only over SSH
  The drill does not rely on the report of recover: it restores, and judges the content.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 2 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  @gate
  Scenario: A recovery survives a reboot and is undone
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh check --site $DR_DRILL_SITE"
    Then the runbook fails with exit code 1
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes --verify all"
    And every snapshot is restored on every compute
    Then the runbook succeeds
    And the runbook prints "✔ recovery/compute-2 recovered 6 chains read"
    And every restore has the content that was backed up
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist"
    Then the runbook succeeds
    And the runbook prints "Nothing to do: every origin path leads to its data on every node."
    When every node is rebooted
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh check --site $DR_DRILL_SITE"
    Then the runbook succeeds
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --undo --yes"
    And every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

  Scenario: Both strategies recover from the same disaster
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --yes --verify all"
    And every snapshot is restored on every compute
    Then the runbook prints "recovery/appliance: done: bind /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ== to /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And the runbook succeeds
    And every restore has the content that was backed up
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --undo --yes"
    Then the runbook succeeds
    When an operator runs the runbook "fixtures/runbooks/stop-at-the-second.sh" on every node
    And an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --strategy rebase --yes --concurrency 1"
    Then the runbook fails
    When an operator runs the runbook "fixtures/runbooks/stop-at-the-second.sh no more" on every node
    Then the runbook succeeds
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --strategy rebase --yes --verify all"
    Then the runbook succeeds
    # A bind would need a line in fstab on every node.
    When every node is rebooted
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --undo --yes"
    Then the runbook succeeds
    When every snapshot is restored on "compute-1"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

  Scenario: One host has another mount at the origin path, and the others are recovered
    Given an operator mounts something else at the origin path on "compute-2"
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --yes"
    And every snapshot is restored on "appliance" and "compute-1"
    Then the runbook fails with exit code 1
    And the runbook prints "✘ recovery/compute-2 failed"
    And the runbook prints "✔ recovery/compute-1 recovered"
    And every restore has the content that was backed up
