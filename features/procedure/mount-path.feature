@fast
Feature: The mount path of a share is its encoding
  Backups are below a directory that is named after the base64 encoding of the NFS share.

  Scenario: A site mounts its share below the base directory, under the encoded share
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    When an operator encodes the share "10.10.2.20:/upstream" on "appliance"
    And the NFS mounts on every node of "primary" are recorded
    Then the encoding is "MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And every node has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="

  Scenario: Distributions and versions differ in base directory, path rule and NFS version
    Given a lab with the topology "fixtures/topologies/two-sites.yaml"
    When the NFS mounts on every node of "primary" are recorded
    And the NFS mounts on every node of "recovery" are recorded
    And the NFS mounts on every node of "modern" are recorded
    And the NFS version on "recovery/appliance" is recorded
    And the NFS version on "modern/appliance" is recorded
    Then every node of "primary" has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And every node of "recovery" has mounted "10.20.2.20:/replica" at "/var/trilio/triliovault-mounts/L3JlcGxpY2E="
    And every node of "modern" has mounted "10.20.2.20:/replica" at "/var/lib/trilio/triliovault-mounts/L3JlcGxpY2E="
    And the NFS version on "recovery/appliance" is "3"
    And the NFS version on "modern/appliance" is "4.2"
