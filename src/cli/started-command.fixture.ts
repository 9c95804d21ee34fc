import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const terminalProgram = fileURLToPath(new URL('./terminal.fixture.py', import.meta.url))
const markVariable = 'DR_DRILL_TEST_MARK'
/** The deadline of each wait. It only ends a test that would never end. */
const deadlineMs = 60_000

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** True for a command at a terminal of its own. */
  readonly isAtTerminal?: boolean
  /** False for a command whose output stays in the pipe. */
  readonly isRead?: boolean
}

/** A command that runs as a program, to be interrupted. */
export class StartedCommand {
  readonly #child: ChildProcess
  readonly #mark = randomUUID()
  readonly #exit: Promise<number | null>
  readonly #isAtTerminal: boolean
  #output = ''
  #messages = ''

  constructor(
    [program = '', ...args]: readonly string[],
    { env, cwd, isAtTerminal = false, isRead = true }: StartOptions = {},
  ) {
    this.#isAtTerminal = isAtTerminal
    const argv = isAtTerminal ? (['python3', [terminalProgram, program, ...args]] as const) : ([program, args] as const)
    // The test itself may have been started by nohup.
    const { _, DR_DRILL_NOHUP, ...inherited } = process.env
    this.#child = spawn(argv[0], argv[1], {
      env: { ...(env ?? inherited), [markVariable]: this.#mark },
      ...(cwd !== undefined && { cwd }),
    })
    if (isRead)
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#messages += text
    })
    this.#child.stdin?.on('error', () => {})
    this.#exit = once(this.#child, 'exit').then(([code]) => code as number | null)
  }

  /** All that it has printed. */
  get output(): string {
    return this.#output + this.#messages
  }

  /** All that it has printed on standard error. */
  get messages(): string {
    return this.#messages
  }

  /** Waits until it has printed this. */
  async printed(text: string): Promise<void> {
    await this.until(`"${text}" to be printed`, () => this.output.includes(text))
  }

  /** Waits until something is so, while it runs. */
  async until(what: string, isSo: () => boolean, intervalMs = 20): Promise<void> {
    for (const end = Date.now() + deadlineMs; !isSo(); await delay(intervalMs)) {
      assert.ok(Date.now() < end, `timed out waiting for ${what}:\n${this.output}`)
      assert.ok(this.#child.exitCode === null, `ended with ${this.#child.exitCode} before ${what}:\n${this.output}`)
    }
  }

  /** Waits until it has printed as much as fits into its pipe. */
  async fillsPipe(): Promise<void> {
    let before = -1
    await this.until(
      'a full pipe',
      () => {
        const now = Number(/^wchar: (\d+)$/m.exec(read(`/proc/${this.#child.pid}/io`))?.[1])
        const isFull = now > 100_000 && now === before
        before = now
        return isFull
      },
      500,
    )
  }

  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  closeTerminal(): void {
    this.#child.kill('SIGUSR1')
  }

  /** Closes the pipe that it prints into. */
  closeOutput(): void {
    this.#child.stdout?.destroy()
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.#pid(), signal)
  }

  /** Waits until it has ended, and returns its exit code. 128 + n if signal n ended it. */
  async ended(): Promise<number | null> {
    const late = new AbortController()
    const timer = delay(deadlineMs, 'late' as const, { signal: late.signal }).catch(() => 'late' as const)
    const code = await Promise.race([this.#exit, timer])
    late.abort()
    if (code === 'late') {
      const processes = this.#processes().join('\n')
      for (const pid of this.pids()) process.kill(pid, 'SIGKILL')
      assert.fail(`does not end:\n${this.output}\n${processes}`)
    }
    return code
  }

  /** Waits until no process is left that it has started. */
  async leavesNoProcess(): Promise<void> {
    for (const end = Date.now() + deadlineMs; this.pids().length > 0; await delay(50))
      assert.ok(Date.now() < end, `processes are left:\n${this.#processes().join('\n')}`)
  }

  async #pid(): Promise<number> {
    if (!this.#isAtTerminal) return this.#child.pid ?? assert.fail('not started')
    await this.until('the command to start', () => this.#messages.includes('\n'))
    return Number(this.#messages.split('\n', 1)[0])
  }

  /** The processes that it has started, except those with an environment of their own. */
  pids(): readonly number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && read(`/proc/${pid}/environ`).includes(`${markVariable}=${this.#mark}`))
  }

  #processes(): readonly string[] {
    return this.pids().map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
