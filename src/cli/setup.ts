import { Command } from 'commander'
import { setUp } from '../setup/setup.ts'

/** `setup`: makes this machine ready for labs. */
export function setupCommand(): Command {
  return new Command('setup')
    .description('get this machine ready for drills: container engine and guest image')
    .addHelpText(
      'after',
      `
It says what it is about to install before it does, installs only as root on Debian and Ubuntu, and shows the
command everywhere else (exit code 3). run and test do the same by themselves; what is done is not done again.`,
    )
    .action(() => setUp((line) => process.stdout.write(`${line}\n`)))
}
