#!/bin/bash
# Sends one script to each node by plain ssh, all at once, and prints the milliseconds that all of them took.
# FOLDER has, for each node, a folder with `address` and `script`; and the key `key`. HUB is the container that reaches
# them. The connections are open before the clock starts, as the other side's are. What scripts print is in `output`.
set -euo pipefail
folder=$1 hub=$2
cd "$folder"
trap 'status=$?; trap "" TERM; jobs -p | xargs --no-run-if-empty kill 2>/dev/null; for node in */; do
  reach "$node" -O exit 2>/dev/null || true; done; exit $status' EXIT
trap 'exit 130' TERM INT HUP

reach() {
  local node=$1
  shift
  ssh -q -i key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=30 \
    -o "ControlPath=$folder/${node%/}.control" -o "ProxyCommand=docker exec -i $hub nc %h 22" "$@" \
    "root@$(cat "$node/address")" ${remote:-}
}

for node in */; do reach "$node" -M -f -N; done >/dev/null 2>&1
started=$(($(date +%s%N) / 1000000))
waiting=()
for node in */; do
  remote="sh -eu -s" reach "$node" <"$node/script" >"$node/output" 2>"$node/errors" &
  waiting+=($!)
done
failed=0
for process in "${waiting[@]}"; do wait "$process" || failed=1; done
echo $(($(date +%s%N) / 1000000 - started))
[ $failed = 0 ] || { tail -n 5 ./*/errors >&2; exit 1; }
