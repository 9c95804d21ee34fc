import { objectsIn } from '../shell/host-objects.ts'
import { lastLine } from '../shell/last-line.ts'
import { python } from '../shell/python.ts'
import type { CommandResult, Shell, User } from '../shell/shell.ts'

/** Something that recovery needs on a host, and that is not there. */
export interface Lack {
  readonly message: string
  /** The command that installs it. Undefined if no command does. */
  readonly remedy?: string
}

/** Any Python 3 can run it, and Python 2. */
const printVersion = `import sys
print('{"python": [%d, %d]}' % sys.version_info[:2])
`
/** As sudo, nsenter, setpriv and shells report it. */
const isAbsent = /python3.*(not found|No such file)/
const oldest: readonly [number, number] = [3, 6]

/** As which recovery reads images: not root, and not the login. */
const anyone: User = { uid: 65_534, gid: 65_534 }

/** Finds out why Python does not run, as root or as another user. Empty if it runs. @throws ShellError */
export async function pythonProblem(shell: Shell, install?: string): Promise<readonly Lack[]> {
  const remedy = install === undefined ? {} : { remedy: install }
  for (const user of [undefined, anyone]) {
    const result = await shell.try(python, { stdin: printVersion, ...(user && { user }) })
    const [seen] = objectsIn<{ readonly python: readonly unknown[] }>(shell.where, result.stdout, { python: 'object' })
    const [major, minor] = seen?.python ?? []
    if (result.exitCode !== 0 || typeof major !== 'number' || typeof minor !== 'number') {
      if (isAbsent.test(result.stderr)) return [{ message: `${python[0]} is not installed`, ...remedy }]
      const who = user === undefined ? '' : ` as another user than root (${user.uid})`
      const why = lastLine(result.stderr) || howItEnded(result)
      return [{ message: `${python[0]} does not run${who}: ${why}` }]
    }
    if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
      return [
        { message: `${python[0]} is version ${major}.${minor}, and must be ${oldest.join('.')} or later`, ...remedy },
      ]
  }
  return []
}

function howItEnded({ ended, exitCode, stdout }: CommandResult): string {
  if (ended === 'flooded') return 'it prints without end'
  if (ended !== 'exited') return 'it does not end'
  return exitCode === 0 ? `it prints ${lastLine(stdout) || 'nothing'}` : `it exits with ${exitCode}`
}
