import type { Machine } from './machine.ts'

export interface Replica {
  readonly server: Machine
  /** The exported directory. */
  readonly path: string
}

/**
 * Replicates a directory from server to server over the storage network, as storage does it: with names, content, holes,
 * numeric owners and modes. Files that exist only at the destination are removed.
 *
 * @throws CommandError if the replication fails
 */
export async function replicate(from: Replica, to: Replica): Promise<void> {
  // Without a name server, a reverse lookup would take five seconds. The daemon goes to the background before it listens
  // (port 873, state LISTEN), and an early client would be refused.
  const serve = `
umask 077
printf 'uid = 0\\ngid = 0\\nuse chroot = no\\npid file = /run/replicate.pid\\nreverse lookup = no\\n[share]\\npath = %s\\nread only = yes\\n' "$1" >/run/replicate.conf
rsync --daemon --config=/run/replicate.conf
for _ in $(seq 500); do
  grep -qs ':0369 [0-9A-F]*:0000 0A' /proc/net/tcp /proc/net/tcp6 && exit
  sleep 0.02
done
echo 'the rsync daemon does not listen' >&2
exit 1
`
  await from.server.shell.run({ script: serve, args: [from.path] })
  try {
    const source = `rsync://${from.server.address}/share/`
    await to.server.shell.run(
      ['rsync', '-aHS', '--numeric-ids', '--delete', '--info=progress2', '--no-inc-recursive', source, `${to.path}/`],
      { deadlineMs: 1_800_000, stallMs: 60_000 },
    )
    // The next step, e.g. a power cut, would lose data that is not on the disk yet.
    await to.server.shell.run(['sync'])
  } finally {
    // Waits for the end of the daemon, or the next replication would find it. SIGTERM would take longer, and no client is
    // connected any more.
    const end = `
pid=$(cat /run/replicate.pid)
rm /run/replicate.pid
kill -KILL "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done`
    await from.server.shell.try({ script: end }, { deadlineMs: 10_000 })
  }
}
