Feature: A runbook on the control host is judged by the content of restores

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  @fast
  Scenario: A shell script recovers every node over SSH
    When an operator runs the runbook "fixtures/runbooks/recover.sh"
    And every snapshot is restored on every compute
    Then the runbook succeeds
    And the runbook prints "recovering recovery-compute-1"
    And every restore has the content that was backed up

  Scenario: A script forgets a node and reports success, and restores fail on that node
    When an operator runs the runbook "fixtures/runbooks/forget-a-node.sh"
    And every snapshot is restored on "appliance" and "compute-1"
    Then the runbook succeeds
    And every restore on "appliance" has the content that was backed up
    And every full snapshot has the content that was backed up
    And every incremental snapshot on "compute-1" fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

  @gate
  Scenario: An Ansible playbook recovers every node
    Given ansible-playbook is installed here
    When an operator runs the runbook "ansible-playbook -i $DR_DRILL_ANSIBLE_INVENTORY fixtures/runbooks/recover.yaml"
    And every snapshot is restored on every compute
    Then the runbook succeeds
    And the runbook prints "failed=0"
    And every restore has the content that was backed up
    When an operator runs the runbook "ansible-playbook -i $DR_DRILL_ANSIBLE_INVENTORY fixtures/runbooks/recover.yaml"
    Then the runbook succeeds
