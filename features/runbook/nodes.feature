Feature: A runbook on each node is judged by the content of restores

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: A script that encodes the share recovers every node
    When an operator runs the runbook "fixtures/runbooks/on-a-node.sh" on every node
    And every snapshot is restored on every compute
    Then the runbook succeeds
    And every restore has the content that was backed up

  Scenario: A script encodes with echo without -n, and incremental restores fail
    When an operator runs the runbook "fixtures/runbooks/echo-with-newline.sh" on every node
    And every snapshot is restored on every compute
    Then the runbook succeeds
    And every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

  Scenario: A script recovers every node, and its exit code 1 is expected
    When an operator runs the runbook "fixtures/runbooks/give-up.sh" on every node
    And every snapshot is restored on every compute
    Then the runbook fails with exit code 1
    And the runbook prints "the ticket could not be closed"
    And every restore has the content that was backed up

  @fast
  Scenario: The documented commands, pasted as they are, recover every node
    When an operator runs these commands on every node:
      """
      origin=$(echo -n 10.10.2.20:/upstream | base64)
      mkdir -p /var/triliovault-mounts/$origin
      mount --bind $DR_DRILL_LOCAL_PATH /var/triliovault-mounts/$origin
      echo "$DR_DRILL_LOCAL_PATH /var/triliovault-mounts/$origin	none bind	0 0" >>/etc/fstab
      """
    And every snapshot is restored on every compute
    Then the runbook succeeds
    And every restore has the content that was backed up
