import { join } from 'node:path'
import { LocalShell } from '../src/shell/local.ts'

const root = join(import.meta.dirname, '..')

/** The command as the package has it: in JavaScript. A checkout's strips the types of each module again in each thread. */
export const command = join(root, 'dist/src/cli/bin.js')

/** @throws CommandError if it cannot be built */
export async function buildPackage(signal: AbortSignal): Promise<void> {
  await new LocalShell().run(['npm', 'run', 'build'], { cwd: root, signal, deadlineMs: 300_000 })
}
