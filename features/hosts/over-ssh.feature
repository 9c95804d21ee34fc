Feature: Hosts of an inventory are recovered over SSH
  dr-drill knows the nodes of the lab only from an inventory, and reaches them with the ssh program of this machine.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: A program that a host lacks is reported before anything is changed
    When an operator runs the runbook "./drill hosts $DR_DRILL_INVENTORY --site recovery"
    Then the runbook succeeds
    When an operator runs these commands on every node:
      """
      [ "$DR_DRILL_NODE" != recovery-compute-1 ] || mv /usr/bin/nsenter /root/
      """
    And an operator runs the runbook "./drill hosts $DR_DRILL_INVENTORY --site recovery"
    Then the runbook fails with exit code 1
    And the runbook prints "✔ recovery/appliance ready"
    And the runbook prints "✘ recovery/compute-1 lacking nsenter is not installed apt-get install --no-install-recommends util-linux"

  Scenario Outline: One host <what>, and the others are recovered
    When an operator runs the runbook "fixtures/runbooks/<runbook>.sh --verify all"
    And every snapshot is restored on every compute
    Then the runbook fails
    And the runbook prints "<message>"
    And every restore on "compute-2" has the content that was backed up
    And every full snapshot has the content that was backed up
    And every incremental snapshot on "compute-1" fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing

    Examples:
      | what                   | runbook                          | message                                                    |
      | shows another host key | recover-with-another-host-key    | recovery/compute-1: its host key has changed               |
      | cannot be reached      | recover-with-an-unreachable-host | recovery/compute-1: cannot connect: ssh: Could not resolve |
