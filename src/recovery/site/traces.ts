import { MachineError } from '../../errors.ts'
import { answerFunction, answersIn } from '../../shell/answers.ts'
import type { Shell } from '../../shell/shell.ts'
import { decodeMountPath } from '../../target/origin.ts'

/**
 * `$@`: mount paths of targets. Prints whether fstab has a block of a recovery, and the paths where a target is mounted as
 * well.
 */
const look = `${answerFunction}
if [ -f /etc/fstab ] && grep -q '^# dr-drill begin' /etc/fstab; then answer block yes; fi
for target; do
  of=$(findmnt -nro MAJ:MIN,FSROOT -M "$target" | tail -n 1)
  [ -n "$of" ] || continue
  findmnt -nro MAJ:MIN,FSROOT,TARGET | while read -r device root path; do
    if [ "$device $root" = "$of" ]; then answer bind "$path"; fi
  done
done
answer end yes`

/**
 * Looks for what a recovery leaves on a node, without a record of it. Changes nothing.
 * @returns a sentence for each
 * @throws ShellError, CommandError if the node does not answer
 */
export async function tracesOn(shell: Shell, targets: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await shell.run({ script: look, args: targets })
  const answers = answersIn(stdout)
  if (!answers.some(({ name }) => name === 'end'))
    throw new MachineError('cut-short', `${shell.where}: the answer of the node is cut short`)
  const paths = answers.flatMap(({ name, value }) => (name === 'bind' ? [unescaped(value)] : []))
  const origins = [...new Set(paths)].filter((path) => !targets.includes(path) && decodeMountPath(path) !== undefined)
  return [
    ...(answers.some(({ name }) => name === 'block') ? ['/etc/fstab has lines of a recovery'] : []),
    ...origins.map((origin) => `a target is bound to ${origin}`),
  ]
}

/** Decodes what `findmnt -r` makes of blanks and the like. */
function unescaped(path: string): string {
  const bytes = path.replace(/\\x([\da-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  return /\\x/.test(path) ? Buffer.from(bytes, 'latin1').toString('utf8') : path
}
