#!/bin/bash
# lab-by-hand.sh IMAGE FOLDER MANAGEMENT
# Starts a lab from the same image with plain engine commands and ssh, until every machine answers by SSH and has mounted
# its /etc/fstab, and stops it again. Prints the milliseconds of both.
# FOLDER has a folder `<number>` for each machine, with `machine/seed/`, `memory` (MiB) and `address`, and the key `key`.
# The script waits for events and does not poll: polling would take processor time from the guests.
set -euo pipefail
image=$1 folder=$2 management=$3
cd "$folder"
machines=$(find . -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' -printf '%f\n' | sort -n)
rm -f hub.* ready end [0-9]*/id [0-9]*/stdin [0-9]*/console

# Leaves nothing behind, however the script ends.
finish() {
  local status=$?
  trap '' TERM INT HUP
  [ $status = 0 ] || {
    jobs -p | xargs --no-run-if-empty kill 2>/dev/null
    cat hub.id [0-9]*/id 2>/dev/null | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1
  }
  exit $status
}
trap finish EXIT
trap 'exit 130' TERM INT HUP

now() { echo $(($(date +%s%N) / 1000000)); }
# heard DESCRIPTOR TEXT: reads lines until one contains TEXT.
heard() {
  local line
  while read -r -t 60 -u "$1" line; do [[ $line != *"$2"* ]] || return 0; done
  exit 1
}

up() {
  local number=$1
  trap - EXIT TERM INT HUP
  cd "$number"
  mkfifo stdin console
  docker create --interactive --rm --log-driver none --cap-drop ALL --cap-add NET_RAW --network "container:$hub" \
    --tmpfs "/run/memory:exec,size=$(($(cat memory) + 64))m" --env TMPDIR=/run/memory --env "PORT=p$number" \
    --env "MAC=00:$(printf %02x "$number")" --env "MEMORY=$(cat memory)M" --env DATA_DISK=32G "$image" >id
  docker cp machine "$(cat id):/" >/dev/null
  docker start --attach --interactive "$(cat id)" <stdin >console 2>/dev/null 6>&- 7>&- &
  exec 4>stdin 5<console
  echo '1 start' >&4
  heard 5 ' is up'
  cat <&5 >/dev/null 4>&- 6>&- 7>&- &
  ssh -q -i ../key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o ConnectTimeout=30 -o "ProxyCommand=docker exec -i $hub nc %h 22" "root@$(cat address)" \
    'test "$(cat /run/dr-drill/mount-status)" = 0'
  echo "$number" >&6
  # Holds the lease until the end.
  read -r -u 7
  exec 4>&-
  wait
}

mkfifo hub.stdin hub.answers ready end
exec 6<>ready 7<>end
started=$(now)
docker run --interactive --rm --log-driver none --cidfile hub.id --network none --cap-drop ALL --cap-add NET_ADMIN \
  --env "MANAGEMENT=$management" --entrypoint /usr/lib/dr-drill/hub "$image" <hub.stdin 2>hub.answers 6>&- 7>&- &
exec 3>hub.stdin 8<hub.answers
echo '0 ready' >&3
heard 8 '0 ok'
hub=$(cat hub.id)
for number in $machines; do
  echo "$number plug p$number" >&3
  heard 8 "$number ok"
  (up "$number") 3>&- 8<&- &
done
for number in $machines; do read -r -t 60 -u 6; done
ready=$(now)
for number in $machines; do echo >&7; done
exec 3>&-
wait
echo "$((ready - started)) $(($(now) - ready))"
