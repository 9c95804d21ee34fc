import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Command } from 'commander'
import { MachineError } from '../errors.ts'
import { killChild } from '../localhost/kill-child.ts'
import { initProject } from '../project/init.ts'
import { interruptible } from '../run/interrupts.ts'
import { quote } from '../shell/quote.ts'

interface Flags {
  readonly package?: string
  readonly install: boolean
}

/** `init`: creates a project. */
export function initCommand(): Command {
  return new Command('init')
    .argument('[dir]', 'folder of the project, created if missing', '.')
    .option('--package <spec>', 'version or file that npm installs dr-drill from (default: this version)')
    .option('--no-install', 'print the npm command for a missing Node instead of running it')
    .addHelpText(
      'after',
      `
Existing files are never overwritten: if one of the files exists, nothing is
written. An existing package.json is kept, so that dr-drill can be installed
first. If this Node is not supported, npm installs one into the project, and
npx uses it.

Examples:
  $ npx dr-drill init              after npm install --save-dev dr-drill
  $ dr-drill init drills           in a new folder
  $ ./drill init ../drills --package dr-drill-0.1.0.tgz

Exit codes: 0 project written, 2 file exists or not writable, 3 npm failed,
130 interrupted.`,
    )
    .action(async (folder: string, { package: from, install: mayInstall }: Flags) => {
      const { written, install, next } = initProject(folder, { from })
      for (const name of written) process.stdout.write(`wrote ${join(folder, name)}\n`)
      if (install !== undefined && mayInstall) await installWithNpm(folder, install)
      const commands = install === undefined || mayInstall ? next : [quote(['npm', 'install', ...install]), ...next]
      process.stdout.write(`\nNext:\n${commands.map((line) => `  ${line}\n`).join('')}`)
    })
}

/** @throws MachineError if npm fails or is interrupted */
async function installWithNpm(folder: string, args: readonly string[]): Promise<void> {
  const command = quote(['npm', 'install', ...args])
  process.stdout.write(
    `\ndr-drill does not run on Node ${process.version}. Installing a supported one:\n  ${command}\n`,
  )
  const npm = spawn('npm', ['install', ...args], {
    cwd: folder,
    stdio: 'inherit',
    // npm would repeat for each package that this Node is not supported.
    env: { npm_config_loglevel: 'error', ...process.env },
  })
  // npm belongs to our terminal, which sends Ctrl-C to both. npm ends by itself then.
  const interruption = interruptible()
  interruption.signal.addEventListener('abort', () => killChild(npm, 'SIGTERM'))
  const status = await once(npm, 'close').then(
    ([code]: (number | null)[]) => code,
    () => null,
  )
  interruption[Symbol.dispose]()
  if (status !== 0) throw new MachineError('npm-failed', 'npm could not install Node', { remedy: `Run: ${command}` })
}
