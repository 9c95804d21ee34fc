@fast
Feature: Whether an origin path is needed depends on the path rule and the base directory

  Scenario: Up to 4.1, another server address needs an origin path
    Given site "primary" of juju 4.1 backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" of juju 4.1 with no compute mounts the replica "10.20.2.20:/upstream"
    When every snapshot is restored on "appliance"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" is missing
    When the origin path is bound on every node
    And every snapshot is restored on "appliance"
    Then every restore has the content that was backed up

  Scenario: From 4.2 on, another export path or base directory needs an origin path
    Given site "primary" of kolla 4.2 backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "alike" of kolla 4.2 with no compute mounts the replica "10.20.2.20:/upstream"
    And site "renamed" of kolla 4.2 with no compute mounts the replica "10.30.2.20:/replica"
    And site "moved" of rhosp 4.2 with no compute mounts the share "10.20.2.20:/upstream"
    When every snapshot is restored on "alike/appliance"
    Then every restore has the content that was backed up
    When every snapshot is restored on "renamed/appliance" and "moved/appliance"
    Then every full snapshot has the content that was backed up
    And every incremental snapshot fails because the origin path "/var/trilio/triliovault-mounts/L3Vwc3RyZWFt" is missing
    When the origin path is bound on every node of "renamed" and "moved"
    And every snapshot is restored on "renamed/appliance" and "moved/appliance"
    Then every restore has the content that was backed up
