@fast
Feature: A target needs no database of the product
  As long as the images are on the target and a site has access to it, every snapshot can be restored.

  Scenario: A site that never saw the primary one, and a target with nothing but images
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
    And site "primary" is lost
    And the product's records on the share "10.20.2.20:/replica" are deleted
    And site "recovery" with 1 compute mounts the share "10.20.2.20:/replica"
    When the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
