import { join } from 'node:path'
import { LocalShell } from '../src/shell/local.ts'

const root = join(import.meta.dirname, '..')

/** The command of the package, in JavaScript. In a checkout, each thread strips the types of each module again. */
export const command = join(root, 'dist/src/cli/bin.js')

/** Builds the package. @throws CommandError if that fails */
export async function buildPackage(signal: AbortSignal): Promise<void> {
  await new LocalShell().run(['npm', 'run', 'build'], { cwd: root, signal, deadlineMs: 300_000 })
}
