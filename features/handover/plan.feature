Feature: The plan of a handover leads to commands that an operator can paste
  An operator plans on the appliance, fills in the mapping, pastes the next command that is printed, and runs its script.

  Scenario: The script hands over what the site does not know yet, and passes what it knows
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "primary" with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    When an administrator reassigns workload "db" of another cloud to "alice" in project "web-shop"
    And an operator runs these commands on "appliance":
      """
      cat >/tmp/facts.py <<END
      import json
      config = json.load(open('/etc/dr-drill/workloadmgr.json'))
      print(config['targets'][0]['mountPath'], config['user']['uid'])
      END
      set -- $(python3 /tmp/facts.py)
      as_product() { setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"; }
      target=$1 uid=$2
      install -d -o "$uid" /tmp/plan
      cd /tmp/plan
      as_product /opt/dr-drill/dr-drill handover plan "$target" --cloud-file /etc/dr-drill/cloud.json -o mapping.yaml >printed || [ $? = 1 ]
      sed -i 's/ project:$/ project: web-shop/; s/ user:$/ user: alice/' mapping.yaml
      as_product sh -c "$(sed -n 's/^  Next: //p' printed)"
      ./handover.sh
      """
    Then the runbook succeeds
    And the runbook prints "is already known to this site, and is not imported again"
    When the owners of workloads are recorded
    Then workload "web" is owned by "alice" in project "web-shop"
    And workload "db" is owned by "alice" in project "web-shop"
    And the schedule of workload "web" is enabled
    And the schedule of workload "db" is enabled
