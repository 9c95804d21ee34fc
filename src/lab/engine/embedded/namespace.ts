import type { GuestFiles } from './guest-files.ts'
import { isPrivileged, unprivilegedId } from './guest-user.ts'

/**
 * Creates network, mount and process namespaces that end with their first process. An ordinary user becomes root in a user
 * namespace, with no rights outside.
 */
function isolated(): readonly string[] {
  const user = isPrivileged() ? [] : ['--user', '--map-root-user']
  return ['unshare', ...user, '--net', '--mount', '--pid', '--fork', '--kill-child']
}

/**
 * The first process of a lab's namespaces: $1 the root folder, $2 the folder of the image, $3 the lab's own folder. It
 * stays outside of the root folder, so that it can remove the lab's folder after the hub's lease has ended.
 */
const hubScript = `
set -e
mount --make-rprivate /
read_only() {
  mount --bind "$1" "$2"
  options=$(findmnt --noheadings --raw --output VFS-OPTIONS --mountpoint "$2" | tail -n 1)
  # Options that the host has set stay: no user namespace may clear them.
  mount -o "remount,bind,ro,nosuid,\${options#rw,}" "$2"
}
read_only "$1" "$1"
read_only "$2" "$1/image"
for device in null zero full random urandom; do mount --bind "/dev/$device" "$1/dev/$device"; done
set +e
chroot "$1" /usr/lib/dr-drill/hub
kill -KILL -1
rm -rf -- "$3"
`

/**
 * The first process of a guest: $1 the root folder, $2 the guest's own folder, $3 the size of its memory, $4 its user. The
 * rest are options of setpriv. Nothing of the host stays in reach, not even /proc, which leads to the root folders of other
 * processes. umount needs /proc until the end.
 */
const guestScript = `
set -e
root=$1 own=$2 memory=$3 user=$4
shift 4
mount -t tmpfs -o "size=$memory,mode=700,uid=$user,gid=$user" memory "$root/run/memory"
mount --bind "$own" "$root/machine"
mount --rbind /proc "$root/proc"
cd "$root"
pivot_root . tmp
umount -l /tmp
umount -l /proc
exec setpriv "$@" /usr/lib/dr-drill/machine
`

/** Returns options of setpriv that leave a process these capabilities, and no way to more. */
function confined(...capabilities: readonly string[]): readonly string[] {
  const only = ['-all', ...capabilities.map((name) => `+${name}`)].join(',')
  const id = `${unprivilegedId}`
  return [
    ...(isPrivileged() ? [`--reuid=${id}`, `--regid=${id}`, '--clear-groups', `--ambient-caps=${only}`] : []),
    ...[`--inh-caps=${only}`, `--bounding-set=${only}`, '--no-new-privs', '--pdeathsig=KILL'],
    '--seccomp-filter=/usr/lib/dr-drill/seccomp',
    '--',
  ]
}

export function isolate(script: string, ...args: readonly string[]): readonly string[] {
  return [...isolated(), '/bin/sh', '-c', script, 'dr-drill', ...args]
}

export function hubCommand({ root, image }: GuestFiles, folder: string): readonly string[] {
  return isolate(hubScript, root, image, folder)
}

/** Returns the command that runs a guest in the hub's network, with its own processes and mounts. */
export function guestCommand(hub: number, { root }: GuestFiles, folder: string, memoryMib: number): readonly string[] {
  const user = isPrivileged() ? `${unprivilegedId}` : '0'
  return [
    ...inside(hub, `--pid=/proc/${hub}/ns/pid_for_children`),
    ...['unshare', '--mount', '--pid', '--fork', '--kill-child'],
    ...['/bin/sh', '-c', guestScript, 'dr-drill', root, folder, `${memoryMib + 64}m`, user],
    // The guest's network cards are raw sockets.
    ...confined('net_raw'),
  ]
}

/** The command that gives a guest's folder to its user. Undefined if it belongs to that user already. */
export function handOverCommand(folder: string): readonly string[] | undefined {
  return isPrivileged() ? ['chown', '-R', `${unprivilegedId}:${unprivilegedId}`, folder] : undefined
}

/** Returns the command that connects standard input and output to a TCP connection from the hub. */
export function relayCommand(hub: number, { root }: GuestFiles, address: string, port: number): readonly string[] {
  return [...inside(hub), 'chroot', root, '/usr/bin/setpriv', ...confined(), '/usr/bin/nc', address, String(port)]
}

function inside(hub: number, ...more: readonly string[]): readonly string[] {
  const user = isPrivileged() ? [] : ['--user', '--preserve-credentials']
  return ['nsenter', `--target=${hub}`, ...user, '--net', '--mount', ...more, '--']
}
