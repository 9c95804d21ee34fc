Feature: check and recover look into a service that runs in a container

  Scenario: The host sees the bind and the service does not, and recover fails
    Given site "primary" of kolla 4.1 backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" of rhoso 6.2 with 1 compute (service in a container) mounts the replica "10.20.2.20:/replica"
    When an operator runs the runbook "./drill hosts $DR_DRILL_INVENTORY --site recovery"
    Then the runbook succeeds
    When an operator runs the runbook "./drill recover --inventory $DR_DRILL_INVENTORY --site recovery --yes --verify all"
    And every snapshot is restored on every compute
    Then the runbook fails with exit code 1
    And the runbook prints "✘ recovery/compute-1 failed"
    And the runbook prints "/var/trilio/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And the runbook prints "No such file or directory"
    And every incremental snapshot fails because the origin path "/var/trilio/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing
    When an operator runs the runbook "./drill check --inventory $DR_DRILL_INVENTORY --site recovery"
    Then the runbook fails with exit code 1
    And the runbook prints "✘ recovery/compute-1 missing (origin path missing) /var/trilio/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= the host sees it, but the product's service does not"
