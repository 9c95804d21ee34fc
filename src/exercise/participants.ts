import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { type KeyPair, makeKeyPair } from '../shell/key-pair.ts'
import type { User } from '../shell/shell.ts'
import { shellMarks } from './command-marks.ts'
import type { ExerciseScript } from './exercise-schema.ts'
import { deskName } from './gateway.ts'

/** A person of the team, as named on the command line. */
export interface TeamMember {
  readonly name: string
  /** Undefined for access to every node. */
  readonly role?: string
}

/** A person of the team, with a key and access to nodes. */
export interface Participant extends TeamMember {
  readonly key: KeyPair
  /** The names of nodes, e.g. `compute-1` and `recovery-compute-1`. */
  readonly nodes: ReadonlySet<string>
}

/** Users that a node has already, and the names that the exercise needs. */
const taken = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc sshd statd messagebus
  smtpd smtpq opensmtpd opensmtpq admin nova ${deskName}`.split(/\s+/),
)

/**
 * Parses `NAME` or `NAME=ROLE`.
 * @throws InputError for a name that no user of a node can have, or for an unknown role
 */
export function parseTeam(texts: readonly string[], { roles }: Pick<ExerciseScript, 'roles'>): readonly TeamMember[] {
  const members = texts.map((text): TeamMember => {
    const [, name = text, role] = /^([^=]*)=(.*)$/.exec(text) ?? []
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
      throw new InputError(
        `--person must begin with 1–31 lower-case letters, digits and dashes, not ${JSON.stringify(name)}`,
      )
    if (taken.has(name)) throw new InputError(`--person ${name}: the nodes have a user of this name already`)
    const known = roles.map((one) => one.name)
    if (role !== undefined && !known.includes(role))
      throw new InputError(`--person ${text}: unknown role "${role}"; known roles: ${known.join(', ') || 'none'}`)
    return { name, ...(role !== undefined && { role }) }
  })
  const twin = members.find(({ name }, index) => members.findIndex((one) => one.name === name) !== index)
  if (twin !== undefined) throw new InputError(`--person ${twin.name} is given twice`)
  return members
}

/** Parses the name of a team. @throws InputError if it is not one line of at most 100 characters */
export function parseTeamName(text: string): string {
  if (text.trim() !== text || text === '' || text.length > 100 || /\p{C}/u.test(text))
    throw new InputError(`--team must be 1–100 characters on one line, not ${JSON.stringify(text)}`)
  return text
}

/** Gives each person a key and the nodes of the role. */
export function participantsOf(
  members: readonly TeamMember[],
  { roles }: Pick<ExerciseScript, 'roles'>,
  nodes: readonly Machine[],
): readonly Participant[] {
  return members.map((member) => {
    const own = roles.find(({ name }) => name === member.role)?.nodes ?? 'every node'
    const mine = nodes.filter((node) => own === 'every node' || own.some((name) => namesOfNode(node).includes(name)))
    return { ...member, key: makeKeyPair(`dr-drill ${member.name}`), nodes: new Set(mine.flatMap(namesOfNode)) }
  })
}

/** `compute-1`, `recovery-compute-1` and `recovery/compute-1`. */
export function namesOfNode({ name, where }: Pick<Machine, 'name' | 'where'>): readonly string[] {
  return [where.slice(where.indexOf('/') + 1), name, where]
}

/**
 * Gives people a user with `sudo` on a node, shells that mark their commands, and commands to reboot it. The product's user
 * gets a name, so that people can run commands as it.
 */
export async function admit(node: Machine, people: readonly TeamMember[], product: User): Promise<void> {
  const names = people.map(({ name }) => name)
  await node.unrecorded.run({ script: admission, args: [shellMarks, `${product.uid}:${product.gid}`, ...names] })
}

const admission = `
marks=$1 product=$2; shift 2
grep -q '^nova:' /etc/passwd || echo "nova:x:$product::/nonexistent:/bin/sh" >>/etc/passwd
for name; do
  id -u "$name" >/dev/null 2>&1 || useradd -m -k /dev/null -s /bin/bash -p '*' "$name"
  home=/home/$name
  mkdir -p "$home/.ssh"
  cp /run/dr-drill/authorized_keys "$home/.ssh/"
  chown -R "$name:" "$home/.ssh"
  printf '%s ALL=(ALL:ALL) NOPASSWD: ALL\\n' "$name" >"/etc/sudoers.d/$name"
  chmod 440 "/etc/sudoers.d/$name"
done
grep -q '^# dr-drill: marks' /etc/bash.bashrc 2>/dev/null || printf '%s\\n' "$marks" >>/etc/bash.bashrc
mkdir -p /usr/local/sbin
cat >/usr/local/sbin/reboot <<'END'
#!/bin/sh
# Shuts this machine down. The exercise starts it again.
[ "$(id -u)" = 0 ] || { echo "reboot: permission denied" >&2; exit 1; }
setsid sh -c "sleep 0.3; exec /usr/lib/dr-drill/halt" </dev/null >/dev/null 2>&1 &
END
chmod 755 /usr/local/sbin/reboot
for name in poweroff shutdown halt; do ln -sf reboot "/usr/local/sbin/$name"; done
sync
`

export interface HandOut {
  /** The folder of all handed-out files. */
  readonly folder: string
  readonly address: string
  readonly port: number
  readonly hostKey: KeyPair
  /** True if the files may be copied to another machine: then their paths are relative. */
  readonly isPortable: boolean
  readonly briefing: string
}

/** Writes what a person gets: a key, the configuration of ssh and the briefing. Returns the folder. */
export function handOut(
  person: Participant,
  { folder, address, port, hostKey, isPortable, briefing }: HandOut,
): string {
  const own = join(folder, person.name)
  mkdirSync(own, { mode: 0o700 })
  const path = (name: string): string => (isPortable ? name : join(own, name))
  const write = (name: string, text: string): void => writeFileSync(join(own, name), text, { mode: 0o600 })
  const hosts = [...person.nodes].filter((name) => !name.includes('/'))
  write('id_ed25519', person.key.privateKey)
  write('known_hosts', `dr-drill-exercise ${hostKey.publicKey.split(' ').slice(0, 2).join(' ')}\n`)
  write(
    'ssh_config',
    `${[
      ...[...hosts, deskName].map((name) => `Host ${name}\n  HostName ${address}\n  User ${name}`),
      [
        'Host *',
        `  Port ${port}`,
        '  HostKeyAlias dr-drill-exercise',
        `  IdentityFile "${path('id_ed25519')}"`,
        '  IdentitiesOnly yes',
        `  UserKnownHostsFile "${path('known_hosts')}"`,
        '  GlobalKnownHostsFile none',
        '  StrictHostKeyChecking yes',
        '  UpdateHostKeys no',
        '  ConnectTimeout 60',
      ].join('\n'),
    ].join('\n\n')}\n`,
  )
  write('briefing.md', briefing)
  chmodSync(own, 0o700)
  return own
}
