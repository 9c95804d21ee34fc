import { MachineError } from '../errors.ts'
import type { Shell } from '../shell/shell.ts'
import { installPackages } from './packages.ts'
import type { SetupStep } from './steps.ts'

/** The programs that the project's own tests use, each with its package in Debian. */
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
  chromium: 'chromium',
  fish: 'fish',
  tcsh: 'tcsh',
  zsh: 'zsh',
} as const

/** The step that provides the programs of the project's own tests. Drills do not need them. */
export function testToolsStep(shell: Shell): SetupStep {
  const missing = async () => {
    const script = 'for program; do command -v "$program" >/dev/null || echo "$program"; done'
    const { stdout } = await shell.run({ script, args: Object.keys(packages) })
    return stdout.split('\n').filter((line): line is keyof typeof packages => line !== '')
  }
  const packagesOf = (programs: readonly (keyof typeof packages)[]) => [
    ...new Set(programs.map((one) => packages[one])),
  ]
  const check = async () => ((await missing()).length === 0 ? Object.keys(packages).join(', ') : undefined)
  return {
    name: 'test tools',
    check,
    announce: async () => `${(await missing()).join(', ')} missing: installing`,
    apply: async (print) => {
      await installPackages(shell, packagesOf(await missing()), 'for the tests', print)
      const left = await missing()
      if (left.length > 0)
        throw new MachineError('programs-missing', `installed, but not found: ${left.join(', ')}`, {
          remedy: 'Add /usr/bin to PATH.',
        })
      return Object.keys(packages).join(', ')
    },
  }
}
