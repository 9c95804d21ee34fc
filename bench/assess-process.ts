import { MachineError } from '../src/errors.ts'
import { LocalShell } from '../src/shell/local.ts'
import { command } from './package.ts'

export interface AssessProcess {
  readonly target: string
  /** The number of images of the target: reading fewer would be too fast. */
  readonly images: number
  /** Default: `headers`. */
  readonly depth?: 'headers' | 'tables'
  readonly options?: readonly string[]
  readonly signal: AbortSignal
}

/** The duration of an assessment as a separate process, in milliseconds. */
export async function timeAssess({
  target,
  images,
  depth = 'headers',
  options = [],
  signal,
}: AssessProcess): Promise<number> {
  const argv = [process.execPath, command, 'assess', target, '--depth', depth, ...options] as const
  const startedMs = performance.now()
  const { stdout } = await new LocalShell().run(argv, { signal, deadlineMs: 600_000 })
  const tookMs = performance.now() - startedMs
  if (!stdout.includes(` ${images} ${images === 1 ? 'image' : 'images'},`))
    throw new MachineError('bench-assess', `not ${images} images:\n${stdout}`)
  return tookMs
}
