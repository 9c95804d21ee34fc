Feature: assess reports before a disaster what another site needs

  The primary site can assess for the recovery site, with the path rule and base directory of its distribution and
  version.

  Scenario Outline: Images of <written> <of> on <share> are judged for <site> <version> with <its share>
    Given a target of this shape:
      | workloads    | 1         |
      | vms          | 1         |
      | disks        | 1         |
      | snapshots    | 3         |
      | distribution | <written> |
      | version      | <of>      |
      | share        | <share>   |
    When the target is assessed for <site> <version> with the share "<its share>"
    Then the restores are:
      | restorable     | <now>   |
      | after-recovery | <after> |
    And the assessment exits with 0
    And nothing on the target has changed

    @full
    Examples: A different mount path needs recovery
      | written | of  | share                | site  | version | its share            | now | after |
      | juju    | 4.1 | 10.10.2.20:/upstream | juju  | 4.1     | 10.20.2.20:/replica  | 1   | 2     |
      | juju    | 4.1 | 10.10.2.20:/upstream | juju  | 4.1     | 10.20.2.20:/upstream | 1   | 2     |
      | juju    | 4.2 | 10.10.2.20:/upstream | juju  | 4.2     | 10.20.2.20:/replica  | 1   | 2     |
      | juju    | 4.2 | 10.10.2.20:/upstream | kolla | 4.3     | 10.20.2.20:/upstream | 1   | 2     |
      | juju    | 4.1 | 10.10.2.20:/upstream | juju  | 4.2     | 10.10.2.20:/upstream | 1   | 2     |
      | helm    | 6.1 | 10.10.2.20:/upstream | helm  | 6.2     | 10.10.2.20:/upstream | 1   | 2     |

    @fast
    Examples: The same mount path needs no recovery
      | written | of  | share                | site | version | its share               | now | after |
      | juju    | 4.1 | 10.10.2.20:/upstream | juju | 4.1     | 10.10.2.20:/upstream    | 3   | 0     |
      | juju    | 4.2 | 10.10.2.20:/upstream | juju | 4.2     | 10.20.2.20:/upstream    | 3   | 0     |
      | kolla   | 4.3 | [fd00::20]:/upstream | helm | 5.0     | nfs.b.example:/upstream | 3   | 0     |

  @fast
  Scenario: assess finds the origin path on its own host
    Given a target of one disk in 3 snapshots
    When the target is assessed with "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=" bound to it
    Then all 3 restores are "restorable"
    And no origin path is needed
    When the target is assessed with "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0K" bound to it
    Then the restores are:
      | restorable     | 1 |
      | after-recovery | 2 |
    And these origin paths are needed:
      | path                                                 | share                | images |
      | /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= | 10.10.2.20:/upstream | 2      |

  @fast
  Scenario: An unprepared site fails --fail-on needs-recovery
    Given a target of one disk in 3 snapshots
    When the target is assessed with "--fail-on needs-recovery"
    Then the assessment exits with 1
