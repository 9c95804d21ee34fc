@fast
Feature: Restores need only the images of a target
  A site that mounts the images can restore every snapshot, without the database of the product.

  Scenario: A new site restores from a target with nothing but images
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
    And site "primary" is lost
    And the product's records on the share "10.20.2.20:/replica" are deleted
    And site "recovery" with 1 compute mounts the share "10.20.2.20:/replica"
    When the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every restore has the content that was backed up
