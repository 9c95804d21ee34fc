import type { Bind } from './fstab.ts'

/** A file of systemd. */
export interface Unit {
  readonly name: string
  readonly content: string
}

/**
 * For shares that the product mounts when it needs them: a service that binds what is mounted at the moment, also anew
 * when that was mounted again, and a timer that starts it every minute. What it has bound it notes in /run, which goes with
 * a reboot as binds do; nothing else is unmounted, covered, or reached by a symbolic link.
 */
export function unitPair({ local, origin }: Bind, number: number): readonly [service: Unit, timer: Unit] {
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
Description=The origin path of backups shows the share that holds them now

[Service]
Type=oneshot
ExecStart=/bin/sh -euc ${word(script.replaceAll('\n', '; '))} sh ${word(local)} ${word(origin)} /run/${name}
`,
    },
    {
      name: `${name}.timer`,
      content: `[Unit]
Description=Looks every minute whether the share of an origin path was mounted

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

/** As systemd takes a command line apart, which is not as a shell does; nothing in it is a variable or a specifier. */
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
