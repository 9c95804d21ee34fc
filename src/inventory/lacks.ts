import { MachineError } from '../errors.ts'
import { answerFunction, answerIn, answersIn } from '../shell/answers.ts'
import { lastLine } from '../shell/last-line.ts'
import type { Shell } from '../shell/shell.ts'
import { type Lack, pythonProblem } from './python-problem.ts'

/** The programs that recovery runs on a host, with the packages of Debian and Fedora that have them. */
const programs: readonly (readonly [name: string, debian: string, fedora: string])[] = [
  ['sh', 'dash', 'bash'],
  ['stat', 'coreutils', 'coreutils'],
  ['base64', 'coreutils', 'coreutils'],
  ['sync', 'coreutils', 'coreutils'],
  ['mount', 'mount', 'util-linux'],
  ['umount', 'mount', 'util-linux'],
  ['mountpoint', 'util-linux', 'util-linux'],
  ['findmnt', 'util-linux', 'util-linux'],
  ['flock', 'util-linux', 'util-linux-core'],
  ['setpriv', 'util-linux', 'util-linux'],
  ['nsenter', 'util-linux', 'util-linux-core'],
  ['unshare', 'util-linux', 'util-linux-core'],
  ['qemu-img', 'qemu-utils', 'qemu-img'],
]

/** Where the product's service runs, its images are read. */
const programsOfService: ReadonlySet<string> = new Set(['setpriv', 'qemu-img'])

const look = `${answerFunction}
if command -v apt-get >/dev/null 2>&1; then answer family debian; else answer family fedora; fi
for program; do
  if ! command -v "$program" >/dev/null 2>&1; then answer lacks "$program"; fi
done
if [ -w /run ]; then answer run writable; else answer run read-only; fi`

/**
 * Finds what recovery needs and a host lacks, by the same kinds of calls: a script, and Python as root and as another user.
 * Changes nothing.
 * @throws ShellError if the host cannot be entered, or not as root; CommandError, MachineError
 */
export async function lacksOf(shell: Shell): Promise<readonly Lack[]> {
  const { stdout } = await shell.run({ script: look, args: programs.map(([name]) => name) })
  const run = answerIn(stdout, 'run')
  if (run === undefined)
    throw new MachineError('unexpected-output', `${shell.where}: a script printed no answer: ${lastLine(stdout)}`)
  const isDebian = answerIn(stdout, 'family') === 'debian'
  const absent = answersIn(stdout).flatMap(({ name, value }) => (name === 'lacks' ? [value] : []))
  const install = (debian: string, fedora: string) =>
    isDebian ? `apt-get install --no-install-recommends ${debian}` : `dnf install ${fedora}`
  return [
    ...programs
      .filter(([name]) => absent.includes(name))
      .map(([name, debian, fedora]) => ({ message: `${name} is not installed`, remedy: install(debian, fedora) })),
    ...(absent.includes('setpriv') ? [] : await pythonProblem(shell, install('python3', 'python3'))),
    ...(run === 'writable'
      ? []
      : [{ message: '/run cannot be written, where a recovery keeps its lock', remedy: 'mount -o remount,rw /run' }]),
  ]
}

/** Finds what the product's service lacks in its mounts. @throws as `lacksOf` */
export async function lacksOfService(service: Shell): Promise<readonly Lack[]> {
  const lacks: Lack[] = []
  for (const name of programsOfService) {
    const { exitCode } = await service.try([name, '--version'])
    if (exitCode !== 0) lacks.push({ message: `${name} does not run where the product's service runs` })
  }
  if (lacks.length > 0) return lacks
  const problems = await pythonProblem(service)
  return problems.map(({ message }) => ({ message: `where the product's service runs, ${message}` }))
}
