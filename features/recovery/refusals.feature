Feature: A refused recovery names the obstacle and leaves everything as it was
  Each node has a different obstacle. A refusal on one node does not stop the others.

  Background:
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" of 1 VM with 2 disks has a full snapshot and 2 incremental snapshots
    And site "recovery" mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost

  Scenario: Obstacles at the origin path, the local path and the share are named
    When an operator runs these commands on every node:
      """
      case $DR_DRILL_NODE in
        *appliance) mkdir -p "$DR_DRILL_ORIGIN_PATH" && echo theirs >"$DR_DRILL_ORIGIN_PATH/file" ;;
        *compute-1) echo theirs >"$DR_DRILL_ORIGIN_PATH" ;;
        *compute-2) mkdir /srv/theirs && ln -s /srv/theirs "$DR_DRILL_ORIGIN_PATH" ;;
      esac
      """
    And an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes --verify none"
    Then the runbook fails with exit code 1
    And the runbook prints "✘ recovery/appliance failed /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is not empty: a bind would hide its content"
    And the runbook prints "✘ recovery/compute-1 failed /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is not a directory"
    And the runbook prints "✘ recovery/compute-2 failed /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0= is a symbolic link"
    When an operator runs these commands on every node:
      """
      case $DR_DRILL_NODE in
        *appliance) [ "$(cat "$DR_DRILL_ORIGIN_PATH/file")" = theirs ] && rm -r "$DR_DRILL_ORIGIN_PATH" ;;
        *compute-1) [ "$(cat "$DR_DRILL_ORIGIN_PATH")" = theirs ] && rm "$DR_DRILL_ORIGIN_PATH" ;;
        *compute-2) [ -z "$(ls -A /srv/theirs)" ] && rm "$DR_DRILL_ORIGIN_PATH" && umount "$DR_DRILL_LOCAL_PATH" ;;
      esac
      ! grep -q dr-drill /etc/fstab && ! ls /etc/fstab.*
      """
    Then the runbook succeeds
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh plan --site $DR_DRILL_SITE"
    Then the runbook fails with exit code 1
    And the runbook prints "refused: nothing is mounted at /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==: a bind would show the empty directory below"
    When an operator runs the runbook "sed -i 's/mountedBy: .*/mountedBy: product/' $DR_DRILL_INVENTORY; fixtures/runbooks/dr-drill.sh plan --site $DR_DRILL_SITE"
    Then the runbook fails with exit code 1
    And the runbook prints "refused: the product mounts /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ== on demand: a bind would keep showing what was mounted before"

  Scenario: Odd lines in fstab are kept, and an unsafe fstab is refused
    When an operator runs these commands on every node:
      """
      case $DR_DRILL_NODE in
        *appliance) printf '# theirs: \303\266dd\n/srv/a\\040b\\134 /srv/\303\266 none noauto,bind 0 0' >>/etc/fstab ;;
        *compute-1) sed -i 's/$/\r/' /etc/fstab ;;
        *compute-2) mv /etc/fstab /etc/theirs && ln -s theirs /etc/fstab ;;
      esac
      cp -L /etc/fstab /etc/before
      """
    And an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes"
    Then the runbook fails with exit code 1
    And the runbook prints "✔ recovery/appliance recovered"
    And the runbook prints "✘ recovery/compute-1 failed"
    And the runbook prints "✘ recovery/compute-2 failed"
    And the runbook prints "ends with a carriage return, as in Windows"
    And the runbook prints "/etc/fstab is a symbolic link to theirs"
    When an operator runs these commands on every node:
      """
      case $DR_DRILL_NODE in
        *appliance) head -c "$(stat -c %s /etc/before)" /etc/fstab | cmp - /etc/before && grep -q "$DR_DRILL_ORIGIN_PATH" /etc/fstab ;;
        *) cmp /etc/fstab /etc/before && ! mountpoint -q "$DR_DRILL_ORIGIN_PATH" ;;
      esac
      """
    Then the runbook succeeds
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --undo --yes"
    Then the runbook succeeds
    When an operator runs these commands on every node:
      """
      cmp /etc/fstab /etc/before
      """
    Then the runbook succeeds

  Scenario: An origin path in a system folder is refused, and an odd one is bound once its base directory is allowed
    When an operator runs the runbook "fixtures/runbooks/rename-parents.sh /etc/cron.d/L2E=" on every node
    Then the runbook prints "renamed" on "appliance"
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes"
    Then the runbook fails with exit code 1
    And the runbook prints "/etc/cron.d/L2E= cannot be bound: it is in a system folder"
    When an operator runs the runbook "fixtures/runbooks/rename-parents.sh '/srv/ödd #1 \mounts/L2E='" on every node
    Then the runbook prints "renamed" on "appliance"
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes"
    Then the runbook fails with exit code 1
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --persist --yes --allow-base '/srv/ödd #1 \mounts'"
    Then the runbook succeeds
    When every node is rebooted
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up

  Scenario: A rebase of a read-only share is refused
    When an operator runs these commands on every node:
      """
      mount -o remount,bind,ro "$DR_DRILL_LOCAL_PATH"
      """
    Then the runbook succeeds
    When an operator runs the runbook "fixtures/runbooks/dr-drill.sh recover --site $DR_DRILL_SITE --strategy rebase --yes --verify none"
    Then the runbook fails
    And the runbook prints "read-only"
    When an operator runs these commands on every node:
      """
      mount -o remount,bind,rw "$DR_DRILL_LOCAL_PATH"
      ! grep -rlaF "$DR_DRILL_LOCAL_PATH/workload_" "$DR_DRILL_LOCAL_PATH"
      """
    Then the runbook succeeds
