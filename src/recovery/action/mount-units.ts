import type { Bind } from '../fstab/bind-line.ts'

/** A systemd unit file. */
export interface MountUnit {
  readonly name: string
  readonly content: string
}

/**
 * Units for shares that the product mounts on demand: a service that binds what is mounted at the moment, and binds again
 * after the share was remounted, and a timer that starts it every minute. The service notes its binds in /run, which a reboot
 * empties as it removes binds. It unmounts nothing else, covers nothing, and follows no symbolic link.
 */
export function mountUnits({ local, origin }: Bind, number: number): readonly [service: MountUnit, timer: MountUnit] {
  const name = `dr-drill-bind-${number}`
  const script = `mountpoint -q -- "$1" || exit 0
of() { findmnt -nro MAJ:MIN,FSROOT -M "$1" | tail -n 1; }
refuse() { echo "$1" >&2; exit 1; }
share=$(of "$1"); bound=$(of "$2"); [ "$share" != "$bound" ] || exit 0
if [ -n "$bound" ]; then [ "$bound" = "$(cat "$3" 2>/dev/null)" ] || refuse "something else is mounted at $2"; umount -- "$2"; fi
[ "$(realpath -m -- "$2")" = "$2" ] || refuse "a symbolic link is on the way to $2"
mkdir -p -- "$2"
[ -z "$(ls -A -- "$2")" ] || refuse "$2 is not empty"
printf "%s\\n" "$share" >"$3"
mount --bind -- "$1" "$2"`
  return [
    {
      name: `${name}.service`,
      content: `[Unit]
Description=Bind the share of backups to their origin path

[Service]
Type=oneshot
ExecStart=/bin/sh -euc ${word(script.replaceAll('\n', '; '))} sh ${word(local)} ${word(origin)} /run/${name}
`,
    },
    {
      name: `${name}.timer`,
      content: `[Unit]
Description=Check every minute whether the share of an origin path is mounted

[Timer]
OnBootSec=30s
OnUnitActiveSec=1min
AccuracySec=5s

[Install]
WantedBy=timers.target
`,
    },
  ]
}

/** A word of a command line as systemd splits it, which differs from a shell. Nothing in it is a variable or a specifier. */
function word(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
  return `"${escaped}"`
}
