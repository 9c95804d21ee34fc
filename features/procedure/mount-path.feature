@fast
Feature: The mount path of a share is its encoding
  Backups are reached below a directory whose name is the base64 encoding of the NFS share.

  Scenario: A site mounts its share at the base directory and the encoded share
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    When the share "10.10.2.20:/upstream" is encoded on "appliance" with the page's own command
    And the NFS mounts of every node of "primary" are looked at
    Then the encoding is "MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And every node has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
