import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { objectStream } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'

const source = readFileSync(new URL('./fingerprint.py', import.meta.url), 'utf8')

/** For each path that can be read, a text that distinguishes its file from others. */
export type Fingerprints = ReadonlyMap<string, string>

/** @throws ShellError, CommandError if the node does not answer */
export async function fingerprintsOf(
  shell: Shell,
  paths: readonly string[],
  { user, signal }: { readonly user?: User; readonly signal: AbortSignal },
): Promise<Fingerprints> {
  const found = new Map<string, string>()
  type One = { readonly path: string; readonly is: string }
  const lines = objectStream<One>(shell.where, { path: 'string', is: 'string' }, ({ path, is }) => found.set(path, is))
  programSucceeded(
    await shell.try(python, {
      stdin: program({ fingerprint: source }, paths),
      ...(user && { user }),
      deadlineMs: 4 * 3600_000,
      stallMs: 120_000,
      captureBytes: 4096,
      signal,
      onOutput: (chunk, stream) => stream === 'stdout' && lines.add(chunk),
    }),
  )
  return found
}
