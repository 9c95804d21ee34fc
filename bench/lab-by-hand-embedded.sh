#!/bin/bash
# lab-by-hand-embedded.sh IMAGE FOLDER MANAGEMENT
# Does the same as lab-by-hand.sh without a container engine, with unshare, nsenter and chroot. IMAGE is the folder with the
# files of the guest image.
set -euo pipefail
image=$1 folder=$2 management=$3
cd "$folder"
machines=$(find . -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' -printf '%f\n' | sort -n)
rm -rf hub.* ready end [0-9]*/stdin [0-9]*/console [0-9]*/machine/{root.cow,data,seed.tar}

# Leaves nothing behind, however the script ends: all processes that it started read the end of a pipe.
trap 'status=$?; trap "" TERM INT HUP; jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true; exit $status' EXIT
trap 'exit 130' TERM INT HUP

now() { echo $(($(date +%s%N) / 1000000)); }
# heard DESCRIPTOR TEXT: reads lines until one contains TEXT.
heard() {
  local line
  while read -r -t 60 -u "$1" line; do [[ $line != *"$2"* ]] || return 0; done
  exit 1
}

hub_script='
mount --make-rprivate / && mount --bind "$1/root" "$1/root" && mount --rbind /proc "$1/root/proc" &&
  for device in null zero full random urandom; do mount --bind "/dev/$device" "$1/root/dev/$device"; done &&
  mount --bind "$1/image" "$1/root/image" && chroot "$1/root" /usr/lib/dr-drill/hub; kill -KILL -1'
guest_script='
mount -t tmpfs -o "size=$3,mode=755" memory "$1/root/run/memory" && mount --bind "$2" "$1/root/machine" &&
  exec chroot "$1/root" /usr/lib/dr-drill/machine'
inside="nsenter --user --preserve-credentials --net --mount"

up() {
  local number=$1 memory
  trap - EXIT TERM INT HUP
  cd "$number"
  memory=$(cat memory)
  mkfifo stdin console
  HOME=/run/memory TMPDIR=/run/memory PORT=p$number MAC=00:$(printf %02x "$number") MEMORY=${memory}M DATA_DISK=32G \
    $inside "--target=$hub" "--pid=/proc/$hub/ns/pid_for_children" -- unshare --mount --pid --fork --kill-child \
    sh -c "$guest_script" guest "$image" "$PWD/machine" "$((memory + 64))m" <stdin >console 2>/dev/null 6>&- 7>&- &
  exec 4>stdin 5<console
  echo '1 start' >&4
  heard 5 ' is up'
  cat <&5 >/dev/null 4>&- 6>&- 7>&- &
  ssh -q -i ../key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o ConnectTimeout=30 -o "ProxyCommand=$inside --target=$hub -- chroot $image/root /usr/bin/nc %h 22" \
    "root@$(cat address)" 'test "$(cat /run/dr-drill/mount-status)" = 0'
  echo "$number" >&6
  # Holds the lease until the end.
  read -r -u 7
  exec 4>&-
  wait
  rm -f machine/{root.cow,data,seed.tar}
}

mkfifo hub.stdin hub.answers ready end
exec 6<>ready 7<>end
started=$(now)
MANAGEMENT=$management unshare --user --map-root-user --net --mount --pid --fork --kill-child \
  sh -c "$hub_script" hub "$image" <hub.stdin 2>hub.answers 6>&- 7>&- &
hub=$!
exec 3>hub.stdin 8<hub.answers
echo '0 ready' >&3
heard 8 '0 ok'
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
