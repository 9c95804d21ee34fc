import type { Machine } from './machine.ts'

export interface Replica {
  readonly server: Machine
  /** The exported directory. */
  readonly path: string
}

/**
 * Storage-level replication, server to server over the storage network: names, content, holes, owners and modes are
 * kept by number, and what is only at the destination goes.
 *
 * @throws CommandError when it does not come to its end
 */
export async function replicate(from: Replica, to: Replica): Promise<void> {
  // Without a name server, looking up who asks would take five seconds. The daemon goes to the background before it listens
  // (port 873, state LISTEN): whoever asked too early would be refused.
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
    // A replica that is not on the disk yet would not survive what comes next.
    await to.server.shell.run(['sync'])
  } finally {
    // Waited for, or the next replication from this server would find the one that is about to end. Nobody is connected
    // any more; asked to end, it would take its time.
    const end = `
pid=$(cat /run/replicate.pid)
rm /run/replicate.pid
kill -KILL "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done`
    await from.server.shell.try({ script: end }, { deadlineMs: 10_000 })
  }
}
