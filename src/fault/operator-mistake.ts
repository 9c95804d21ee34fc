import { InputError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { User } from '../shell/shell.ts'
import type { Fault } from './fault.ts'

/** The site, the share and the paths that the operator works with. */
export interface MountPathWork {
  /** The site whose nodes are prepared. */
  readonly site: string
  /** The share of the backups, and the list of shares that contains it, as configured at the primary site. */
  readonly share: string
  readonly list: string
  /** The text that is encoded there: by its path rule, the whole share or the path of the export. */
  readonly encoded: string
  /** The base directory of the primary site, and one of another distribution. */
  readonly base: string
  readonly otherBase: string
  /** The base directory of the site whose nodes are prepared. */
  readonly localBase: string
  readonly user: User
  /** The path that is bound. */
  readonly local: string
  /** The path where it should be bound. */
  readonly origin: string
}

/** One wrong step of an operator. Parts are shell code with the names of `MountPathWork`; undefined parts are done right. */
export interface Mistake {
  readonly name: string
  /** Prints the encoding. */
  readonly encode?: string
  readonly directory?: string
  readonly make?: string
  /** Prints the path to bind. Empty if none is found. */
  readonly find?: string
  /** True if nothing gets bound: the directory cannot be made, or no path to bind is found. */
  readonly isFutile?: true
}

/** As the product's user: root may bind a share, but not read it. */
const lookForWorkloads = `
setpriv --reuid "$uid" --regid "$gid" --clear-groups sh -c '
  for one in "$1"/*/workload_*; do if [ -d "$one" ]; then echo "\${one%/*}"; break; fi; done
' sh "$local_base"`

const mistakes: ReadonlyMap<string, Omit<Mistake, 'name'>> = new Map([
  ['echo is run without -n', { encode: 'echo "$encoded" | base64 -w0' }],
  ['base64 is run without -w0', { encode: 'echo -n "$encoded" | base64' }],
  ['a slash is added at the end', { encode: 'echo -n "$encoded/" | base64 -w0' }],
  ['a space before the share is encoded too', { encode: 'echo -n " $encoded" | base64 -w0' }],
  // Each of these two is right under the other rule.
  ['the export path alone is encoded', { encode: 'echo -n "${share#*:}" | base64 -w0' }],
  ['the whole share is encoded', { encode: 'echo -n "$share" | base64 -w0' }],
  ['what comes after the path is encoded too', { encode: 'echo -n "${share#*:}" | base64 -w0' }],
  ['the slash at the end is left out', { encode: 'echo -n "${encoded%/}" | base64 -w0' }],
  ['the whole list of shares is encoded', { encode: 'echo -n "$list" | base64 -w0' }],
  ['the base directory of another distribution is used', { directory: '$other_base/$encoding' }],
  ['the directory is made without -p', { make: 'mkdir -- "$path"', isFutile: true }],
  ['only the last level of the directory is made', { directory: '$base/${encoding##*/}' }],
  [
    'workloads are looked for one level below the base directory',
    {
      find: lookForWorkloads,
      isFutile: true,
    },
  ],
])

export const knownMistakes: readonly string[] = [...mistakes.keys()]

/** @throws InputError for an unknown mistake. It lists the known ones */
export function parseMistake(name: string): Mistake {
  const mistake = mistakes.get(name)
  if (mistake === undefined)
    throw new InputError(`unknown operator mistake "${name}"`, {
      remedy: `Use one of these: ${knownMistakes.join('; ')}.`,
    })
  return { name, ...mistake }
}

/**
 * An operator makes the directory of an origin path and binds the local path to it by hand, on every node of a site,
 * with one mistake. The operator's own commands decide what comes of it. Undo removes what they made.
 */
export function operatorMistake(mistake: Mistake, work: MountPathWork): Fault {
  const byHand = `
share=$1 list=$2 encoded=$3 base=$4 other_base=$5 local=$6 local_base=$7 uid=$8 gid=$9
encoding=$(${mistake.encode ?? 'echo -n "$encoded" | base64 -w0'})
path="${mistake.directory ?? '$base/$encoding'}"
printf %s "$path"
local=$(${mistake.find ?? 'printf %s "$local"'})
[ -n "$local" ] || exit 0
if ${mistake.make ?? 'mkdir -p -- "$path"'}; then mount --bind -- "$local" "$path"; fi
`
  const paths = new Map<Machine, string>()
  return {
    name: 'operator mistake',
    subject: mistake.name,
    async inject(lab) {
      const { nodes } = lab.site(work.site)
      const { share, list, encoded, base, otherBase, local, localBase, user } = work
      const args = [share, list, encoded, base, otherBase, local, localBase, `${user.uid}`, `${user.gid}`]
      await Promise.all(
        nodes.map(async (node) => {
          const { stdout } = await node.shell.run({ script: byHand, args })
          paths.set(node, stdout)
        }),
      )
      return {
        [Symbol.asyncDispose]: async () => {
          await Promise.all([...paths].map(([node, path]) => node.shell.run({ script: undo, args: [path] })))
        },
      }
    },
    /** Observes that the data is bound at another path or nowhere, and not at the origin path. */
    async observe() {
      const seen = await Promise.all(
        [...paths].map(async ([{ where, shell }, path]) => {
          const { stdout } = await shell.run({ script: look, args: [path, work.origin] })
          const [wrong, right] = stdout.trim().split('\n')
          return { where, path, wrong, right }
        }),
      )
      const expected = mistake.isFutile ? 'absent' : 'bound'
      const tookEffect = seen.length > 0 && seen.every(({ wrong, right }) => right === 'absent' && wrong === expected)
      return { tookEffect, facts: seen }
    },
  }
}

const undo = 'if mountpoint -q -- "$1"; then umount -- "$1"; rmdir -p --ignore-fail-on-non-empty -- "$1"; fi'

/** Prints for each path whether it is bound, only made, or absent. */
const look = `
for path; do
  if mountpoint -q -- "$path"; then echo bound; elif [ -e "$path" ]; then echo made; else echo absent; fi
done
`
