@fast
Feature: The mount path of a share is its encoding
  Backups are reached below a directory whose name is the base64 encoding of the NFS share.

  Scenario: A site mounts its share at the base directory and the encoded share
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    When the share "10.10.2.20:/upstream" is encoded on "appliance" with the page's own command
    And the NFS mounts of every node of "primary" are looked at
    Then the encoding is "MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And every node has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="

  Scenario: Distributions and versions differ in base directory, path rule and NFS version
    Given the lab of the topology "fixtures/topologies/two-sites.yaml"
    When the NFS mounts of every node of "primary" are looked at
    And the NFS mounts of every node of "recovery" are looked at
    And the NFS mounts of every node of "modern" are looked at
    And the version of NFS on "recovery/appliance" is looked at
    And the version of NFS on "modern/appliance" is looked at
    Then every node of "primary" has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And every node of "recovery" has mounted "10.20.2.20:/replica" at "/var/trilio/triliovault-mounts/L3JlcGxpY2E="
    And every node of "modern" has mounted "10.20.2.20:/replica" at "/var/lib/trilio/triliovault-mounts/L3JlcGxpY2E="
    And the version of NFS on "recovery/appliance" is "3"
    And the version of NFS on "modern/appliance" is "4.2"
