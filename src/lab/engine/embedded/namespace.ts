import type { GuestFiles } from './guest-files.ts'

/** Creates user, network, mount and process namespaces that end with their first process. The user is root in them. */
const isolated = ['unshare', '--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child']

/**
 * The first process of a lab's namespaces: $1 the root folder, $2 the folder of the image, $3 the lab's own folder. It
 * stays outside of the root folder, so that it can remove the lab's folder after the hub's lease has ended.
 */
const hubScript = `
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount --rbind /proc "$1/proc"
for device in null zero full random urandom; do mount --bind "/dev/$device" "$1/dev/$device"; done
mount --bind "$2" "$1/image"
set +e
chroot "$1" /usr/lib/dr-drill/hub
kill -KILL -1
rm -rf -- "$3"
`

/** The first process of a guest: $1 the root folder, $2 the guest's own folder, $3 the size of its memory. */
const guestScript = `
set -e
mount -t tmpfs -o "size=$3,mode=755" memory "$1/run/memory"
mount --bind "$2" "$1/machine"
exec chroot "$1" /usr/lib/dr-drill/machine
`

export function isolate(script: string, ...args: readonly string[]): readonly string[] {
  return [...isolated, '/bin/sh', '-c', script, 'dr-drill', ...args]
}

export function hubCommand({ root, image }: GuestFiles, folder: string): readonly string[] {
  return isolate(hubScript, root, image, folder)
}

/** Returns the command that runs a guest in the hub's namespaces, with its own processes and mounts. */
export function guestCommand(hub: number, { root }: GuestFiles, folder: string, memoryMib: number): readonly string[] {
  return [
    ...inside(hub, `--pid=/proc/${hub}/ns/pid_for_children`),
    ...['unshare', '--mount', '--pid', '--fork', '--kill-child'],
    ...['/bin/sh', '-c', guestScript, 'dr-drill', root, folder, `${memoryMib + 64}m`],
  ]
}

/** Returns the command that connects standard input and output to a TCP connection from the hub. */
export function relayCommand(hub: number, { root }: GuestFiles, address: string, port: number): readonly string[] {
  return [...inside(hub), 'chroot', root, '/usr/bin/nc', address, String(port)]
}

function inside(hub: number, ...more: readonly string[]): readonly string[] {
  return ['nsenter', `--target=${hub}`, '--user', '--preserve-credentials', '--net', '--mount', ...more, '--']
}
