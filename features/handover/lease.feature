Feature: Two sites that mount one share do not change its records at the same time
  The workload manager of each site takes a lease on the share before it changes records.

  Scenario: The error of the second site names the first, and it imports the workloads afterwards
    Given site "primary" has the users:
      | user  | project  | roles  |
      | alice | web-shop | member |
    And site "primary" with 1 compute backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the same users as site "primary"
    And site "recovery" with 1 compute mounts the share "10.10.2.20:/upstream"
    When an operator runs these commands on "primary/appliance":
      """
      cat >/tmp/facts.py <<END
      import json
      config = json.load(open('/etc/dr-drill/workloadmgr.json'))
      people = json.load(open('/etc/dr-drill/cloud.json'))['people']
      print(config['targets'][0]['mountPath'], config['user']['uid'], people['projects'][0]['id'], people['users'][0]['id'])
      END
      set -- $(python3 /tmp/facts.py)
      product="setpriv --reuid $2 --regid $2 --clear-groups"
      workload=$($product ls "$1" | sed -n 's/^workload_//p')
      for attempt in $(seq 20); do
        setsid workloadmgr workload-reassign-workloads --migrate_cloud True \
          --workload_ids "$workload" --new_tenant_id "$3" --user_id "$4" >/tmp/reassign.log 2>&1 </dev/null &
        job=$!
        $product sh -c 'state=
          until [ -e "$0/.workloadmgr-lease" ] || [ "$state" = Z ]; do
            read -r pid name state rest </proc/$1/stat
          done' "$1" $job
        kill -STOP -$job || true
        if $product test -e "$1/.workloadmgr-lease"; then
          echo $job >/tmp/job
          echo "stopped while it changes the records"
          exit 0
        fi
        kill -CONT -$job || true
        wait $job || true
      done
      cat /tmp/reassign.log
      exit 1
      """
    Then the runbook succeeds
    When an administrator imports every workload
    Then the workload manager fails because 'in use by site "primary"'
    And the site does not know workload "web"
    When an operator runs these commands on "primary/appliance":
      """
      kill -CONT -$(cat /tmp/job)
      while kill -0 $(cat /tmp/job) 2>/dev/null; do sleep 0.2; done
      cat /tmp/reassign.log
      """
    Then the runbook succeeds
    When an administrator imports every workload
    Then the workload manager succeeds
    And the site knows workload "web"
    And workload "web" is owned by "alice" in project "web-shop"
