Feature: A site with users has a workload manager on its appliance

  Background:
    Given site "recovery" has the users:
      | user  | project  | roles  | email             |
      | alice | web-shop | member | alice@example.org |
    And site "recovery" backs up to the share "10.20.2.20:/replica"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 0 incremental snapshots

  Scenario: People run its commands, and mistakes are reported
    When an administrator runs "workloadmgr backup-target-list -f csv"
    Then the workload manager prints "10.20.2.20:/replica"
    And the workload manager prints "online"
    When "alice" in project "web-shop" lists the workloads
    Then the list is empty
    When "alcie" in project "web-shop" runs "workloadmgr workload-list"
    Then the workload manager fails because "did you mean alice?"
    When an administrator runs "workloadmgr workload-list -c id"
    Then the workload manager fails because "known columns: ID, Name, Project ID"

  Scenario: It survives a reboot and a power cut
    When every node is rebooted
    And every node loses power and boots again
    And an administrator runs "workloadmgr backup-target-list -f csv"
    Then the workload manager prints "online"
    When an operator runs these commands on "appliance":
      """
      . /root/openrc-alice-web-shop
      workloadmgr workload-list -f json
      ls -ld /var/lib/workloadmgr
      for address in $(sed -n 's/.*HostName //p' /var/lib/workloadmgr/ssh/config); do
        setpriv --reuid 162 --regid 162 --clear-groups ssh -F /var/lib/workloadmgr/ssh/config "$address" 'hostname; id -u'
      done
      """
    Then the runbook succeeds
    And the runbook prints "[] drwx------"
    And the runbook prints "recovery-compute-1 162"
