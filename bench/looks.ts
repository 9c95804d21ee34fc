import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../src/concurrency/deadline.ts'
import { MachineError } from '../src/errors.ts'
import type { Times } from './comparison.ts'

const root = join(import.meta.dirname, '..')
const deadlineMs = 180_000

/** Waits for a line, then computes for so many seconds of processor time, and prints the milliseconds that passed. */
const work = `
import sys, time
print("ready", flush=True)
sys.stdin.readline()
started = time.monotonic()
while time.process_time() < 20: pass
print(round((time.monotonic() - started) * 1000), flush=True)
`

/**
 * Measures what the looks at the objectives of an exercise cost its participants: the time for some work on a node, while
 * commands end all the time elsewhere, and without looks, because the exercise is paused.
 */
export class LooksBench implements AsyncDisposable {
  readonly #reports = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #exercise: ChildProcessWithoutNullStreams
  readonly #ended: Promise<unknown>
  #output = ''

  constructor(signal: AbortSignal) {
    const args = ['exercise', 'one-compute-was-forgotten', '--person', 'ann', '--engine', 'embedded']
    this.#exercise = spawn(join(root, 'drill'), [...args, '--reports', this.#reports], { cwd: root })
    this.#ended = once(this.#exercise, 'close')
    for (const stream of [this.#exercise.stdout, this.#exercise.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    signal.addEventListener('abort', () => this.#exercise.kill('SIGTERM'), { once: true })
  }

  async prepare(): Promise<void> {
    await this.#untilOutput(/^ {2}ann: .+$/m)
  }

  byTool = async (): Promise<Times> => {
    const worker = await this.#worker()
    let isOver = false
    const commands = async (): Promise<void> => {
      while (!isOver) await once(this.#ssh('compute-2', 'true').resume(), 'close')
    }
    const typing = commands()
    const total = await measured(worker)
    isOver = true
    await typing
    return { total }
  }

  byHand = async (): Promise<Times> => {
    const worker = await this.#worker()
    this.#exercise.stdin.write('pause\n')
    try {
      return { total: await measured(worker) }
    } finally {
      this.#exercise.stdin.write('resume\n')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#exercise.stdin.write('off\n')
    await this.#ended
    rmSync(this.#reports, { recursive: true, force: true })
  }

  /** Returns a process on a node that is ready to work. */
  async #worker(): Promise<ChildProcessWithoutNullStreams> {
    const child = this.#process('compute-1', `python3 -c '${work}'`)
    await once(child.stdout, 'data')
    return child
  }

  #ssh(node: string, command: string) {
    const child = this.#process(node, command)
    child.stdin.end()
    return child.stdout
  }

  #process(node: string, command: string): ChildProcessWithoutNullStreams {
    const [, folder = ''] = /^ {2}ann: (.+)$/m.exec(this.#output) ?? []
    return spawn('ssh', ['-o', 'LogLevel=ERROR', '-F', join(folder, 'ssh_config'), node, command])
  }

  async #untilOutput(pattern: RegExp): Promise<void> {
    const ended = this.#ended.then(() => {
      throw new MachineError('bench-exercise', `the exercise has ended:\n${this.#output}`)
    })
    await Promise.race([
      until(`${pattern}`, async () => pattern.test(this.#output) || undefined, { deadlineMs }),
      ended,
    ])
  }
}

/** Lets a worker begin, and returns how long it took. */
async function measured(worker: ChildProcessWithoutNullStreams): Promise<number> {
  worker.stdin.end('\n')
  const [text] = (await once(worker.stdout, 'data')) as [Buffer]
  const ms = Number(text.toString())
  if (!(ms > 0)) throw new MachineError('bench-exercise', `the work printed ${text}`)
  return ms
}
