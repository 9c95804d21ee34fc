import { MachineError } from '../errors.ts'
import type { Shell } from '../shell/shell.ts'
import { installPackages } from './packages.ts'
import type { Step } from './step.ts'

/** What the project's own tests hold it against, and the package of Debian that has each: programs, no service. */
const packages = {
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  'qemu-nbd': 'qemu-utils',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  strace: 'strace',
  newuidmap: 'uidmap',
  sudo: 'sudo',
  'ansible-playbook': 'ansible-core',
} as const

/** The step that ends with all programs that the project's own tests use. Drills need none of them. */
export function testToolsStep(shell: Shell): Step {
  const absent = async () => {
    const script = 'for program; do command -v "$program" >/dev/null || echo "$program"; done'
    const { stdout } = await shell.run({ script, args: Object.keys(packages) })
    return stdout.split('\n').filter((line): line is keyof typeof packages => line !== '')
  }
  const packagesOf = (programs: readonly (keyof typeof packages)[]) => [
    ...new Set(programs.map((one) => packages[one])),
  ]
  const isDone = async () => ((await absent()).length === 0 ? Object.keys(packages).join(', ') : undefined)
  return {
    name: 'test tools',
    isDone,
    announce: async () => `${(await absent()).join(', ')} not here`,
    do: async (report) => {
      await installPackages(shell, packagesOf(await absent()), 'for the tests', report)
      const left = await absent()
      if (left.length > 0)
        throw new MachineError('programs-missing', `${left.join(', ')} cannot be found, though installed`, {
          remedy: 'Is /usr/bin on the PATH?',
        })
      return Object.keys(packages).join(', ')
    },
  }
}
