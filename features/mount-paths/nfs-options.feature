Feature: Chains restore over NFS 3 and 4.2 with the options of each distribution

  Scenario: Every restore succeeds with each set of options
    Given site "primary" of kolla 4.1 backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "newer" of kolla 4.2 with no compute mounts the share "10.10.2.20:/upstream"
    And site "newest" of kolla 4.3 with no compute mounts the share "10.10.2.20:/upstream"
    When the NFS options on "primary/appliance" are recorded
    And the NFS options on "newer/appliance" are recorded
    And the NFS options on "newest/appliance" are recorded
    Then the NFS options on "primary/appliance" are "vers=4.2,soft,timeo=180,retrans=2,lookupcache=none"
    And the NFS options on "newer/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
    And the NFS options on "newest/appliance" are "vers=3,soft,timeo=600,retrans=10,lookupcache=none,nolock"
    When every snapshot is restored on "primary/compute-1"
    Then every restore has the content that was backed up
    When the origin path is bound on every node of "newer" and "newest"
    And every snapshot is restored on "newer/appliance" and "newest/appliance"
    Then every restore has the content that was backed up

  Scenario: Every distribution mounts with its own options
    Given a lab with the topology "fixtures/topologies/distributions.yaml"
    When the NFS options on every node of every site are recorded
    Then the NFS options on "appliance/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
    And the NFS options on "juju/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
    And the NFS options on "openstack-ansible/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
    And the NFS options on "kolla/appliance" are "vers=3,soft,timeo=600,retrans=10,lookupcache=none,nolock"
    And the NFS options on "rhosp/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
    And the NFS options on "rhoso/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
    And the NFS options on "helm/appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"

  @full
  Scenario Outline: <distribution> mounts at <base> over NFS <nfs> and restores on another site
    Given site "primary" of <distribution> backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" of <distribution> with 1 compute mounts the replica "10.20.2.20:/replica"
    When the NFS mounts on every node of "recovery" are recorded
    And the NFS version on "recovery/compute-1" is recorded
    And the origin path is bound on every node
    And every snapshot is restored on "compute-1"
    Then every node of "recovery" has mounted "10.20.2.20:/replica" at "<base>/<encoding>"
    And the NFS version on "recovery/compute-1" is "<nfs>"
    And every restore has the content that was backed up

    Examples: Up to 4.1, the whole share is encoded
      | distribution          | base                             | encoding                     | nfs |
      | appliance 4.1         | /var/triliovault-mounts          | MTAuMjAuMi4yMDovcmVwbGljYQ== | 4.2 |
      | juju 4.1              | /var/triliovault-mounts          | MTAuMjAuMi4yMDovcmVwbGljYQ== | 4.2 |
      | openstack-ansible 4.1 | /var/triliovault-mounts          | MTAuMjAuMi4yMDovcmVwbGljYQ== | 4.2 |
      | kolla 4.0             | /var/triliovault-mounts          | MTAuMjAuMi4yMDovcmVwbGljYQ== | 4.2 |
      | kolla 4.1             | /var/trilio/triliovault-mounts   | MTAuMjAuMi4yMDovcmVwbGljYQ== | 4.2 |
      | rhosp 4.1             | /var/lib/nova/triliovault-mounts | MTAuMjAuMi4yMDovcmVwbGljYQ== | 4.2 |

    Examples: From 4.2 on, only the export path is encoded
      | distribution          | base                               | encoding     | nfs |
      | appliance 4.3         | /var/triliovault-mounts            | L3JlcGxpY2E= | 3   |
      | juju 6.2              | /var/triliovault-mounts            | L3JlcGxpY2E= | 3   |
      | openstack-ansible 6.2 | /var/triliovault-mounts            | L3JlcGxpY2E= | 3   |
      | kolla 4.2             | /var/trilio/triliovault-mounts     | L3JlcGxpY2E= | 3   |
      | kolla 6.2             | /var/trilio/triliovault-mounts     | L3JlcGxpY2E= | 3   |
      | rhosp 5.2             | /var/lib/nova/triliovault-mounts   | L3JlcGxpY2E= | 3   |
      | rhoso 6.2             | /var/lib/nova/triliovault-mounts   | L3JlcGxpY2E= | 3   |
      | helm 6.1              | /var/trilio/triliovault-mounts     | L3JlcGxpY2E= | 3   |
      | helm 6.2              | /var/lib/trilio/triliovault-mounts | L3JlcGxpY2E= | 3   |
