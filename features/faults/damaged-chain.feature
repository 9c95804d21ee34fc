Feature: A restore names the reason that its chain cannot be read for

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" with no compute mounts the replica "10.20.2.20:/replica"

  Scenario Outline: The <image> image is <state>, and the restore fails because <reason>
    When the origin path is bound on every node
    And an operator runs the runbook "fixtures/runbooks/damage-image.sh <image> <command>" on every node
    And snapshot 2 of "web" is restored on "appliance"
    Then the runbook succeeds
    And the restore fails because <reason>

    Examples:
      | image       | state          | command          | reason                          |
      | full        | deleted        | rm               | its parent is missing           |
      | incremental | deleted        | rm               | its image is missing            |
      | full        | overwritten    | cp /etc/hostname | an image is not in qcow2 format |
      | full        | unreadable     | chmod 000        | permission is denied            |
      | full        | its own parent | own_parent       | its chain returns to itself     |
