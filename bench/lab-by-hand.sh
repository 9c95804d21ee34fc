#!/bin/bash
# A lab of the same image by plain engine commands and ssh, up to the same condition (every machine answers by SSH and
# has mounted what its fstab says), and down again. Prints the milliseconds of both.
# FOLDER has, for each machine, a folder `<number>` with `machine/seed/`, `memory` (MiB) and `address`; and the key `key`.
set -euo pipefail
image=$1 folder=$2 management=$3
cd "$folder"
# Whatever goes wrong, its machines end with their leases: with the processes that hold them.
trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true' EXIT
give_up_at=$(($(date +%s) + 60))
machines=$(find . -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' -printf '%f\n' | sort -n)

now() { echo $(($(date +%s%N) / 1000000)); }
in_time() { [ "$(date +%s)" -lt "$give_up_at" ]; }
answered() { until grep -qx "$2" "$1" 2>/dev/null; do in_time && sleep 0.02 || exit 1; done; }

up() {
  local number=$1
  cd "$number"
  rm -f stdin && mkfifo stdin
  docker create --interactive --rm --log-driver none --cap-drop ALL --cap-add NET_RAW --network "container:$hub" \
    --tmpfs "/run/memory:exec,size=$(($(cat memory) + 64))m" --env TMPDIR=/run/memory --env "PORT=p$number" \
    --env "MAC=00:$(printf %02x "$number")" --env "MEMORY=$(cat memory)M" --env DATA_DISK=32G "$image" >id
  docker cp machine "$(cat id):/" >/dev/null
  docker start --attach --interactive "$(cat id)" <stdin >console 2>answers &
  exec 4>stdin
  echo '1 start' >&4
  answered answers '1 ok'
  until ssh -q -i ../key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o ConnectTimeout=2 -o "ProxyCommand=docker exec -i $hub nc %h 22" "root@$(cat address)" \
    'test "$(cat /run/dr-drill/mount-status)" = 0'; do in_time && sleep 0.1 || exit 1; done
  touch ready
  # Holds the lease until it is told to end.
  while [ ! -e ../end ]; do in_time && sleep 0.02 || exit 1; done
  exec 4>&-
  wait
}

rm -f end hub.id hub.stdin [0-9]*/ready [0-9]*/answers
mkfifo hub.stdin
started=$(now)
docker run --interactive --rm --log-driver none --cidfile hub.id --network none --cap-drop ALL --cap-add NET_ADMIN \
  --env "MANAGEMENT=$management" --entrypoint /usr/lib/dr-drill/hub "$image" <hub.stdin 2>hub.answers &
exec 3>hub.stdin
echo '0 ready' >&3
answered hub.answers '0 ok'
hub=$(cat hub.id)
for number in $machines; do
  echo "$number plug p$number" >&3
  answered hub.answers "$number ok"
  (up "$number") 3>&- &
done
for number in $machines; do until [ -e "$number/ready" ]; do in_time && sleep 0.02 || exit 1; done; done
ready=$(now)
touch end
exec 3>&-
wait
echo "$((ready - started)) $(($(now) - ready))"
