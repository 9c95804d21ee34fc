import { on } from 'node:events'
import { join } from 'node:path'
import { Run, register } from '../../drill/run-context.ts'
import { DrillError } from '../../errors.ts'
import { JournalFile } from '../../journal/journal-file.ts'
import { journalFormat } from '../../journal/journal-schema.ts'
import { errorEvent } from '../../journal/outcome.ts'
import { workerRunId } from '../../lab/registry/worker-run.ts'
import { drillScenarios } from '../drill-scenarios.ts'
import { exitCodeOfRun } from '../exit-code.ts'
import { onInterrupt } from '../interrupts.ts'
import type { RunHooks } from '../run-hooks.ts'
import type { ScenarioRunner } from '../suite.ts'
import { type Command, type WorkerMessage, workerVariable } from './messages.ts'

type BeginCommand = Extract<Command, { readonly kind: 'begin' }>

export interface WorkerOptions {
  readonly runner: ScenarioRunner
  /** The version of dr-drill. */
  readonly version: string
  readonly argv: readonly string[]
  /** Provides labs on this engine. */
  readonly labs: ((engine: string) => RunHooks) | undefined
}

/** True if this process was started as a worker. Processes that it starts itself are not workers. */
export function becomeWorker(): boolean {
  const isWorker = process.env[workerVariable] === '1' && process.send !== undefined
  delete process.env[workerVariable]
  if (!isWorker) return false
  // A terminal sends its signals to the whole group. The parent sends a command instead.
  onInterrupt({ first: () => {}, second: () => {} })
  // Output may fail after the parent has exited.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return true
}

/** Runs the units that the parent process assigns, until no work is left or the parent has exited. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const disconnected = new AbortController()
  process.once('disconnect', () => disconnected.abort())
  if (!process.connected) return
  try {
    const commands = on(process, 'message', { signal: disconnected.signal }) as AsyncIterable<[Command]>
    for await (const [command] of commands)
      if (command.kind === 'begin') return await drillUnits(command, commands, options)
  } catch (error) {
    if (!disconnected.signal.aborted) throw error
  }
}

async function drillUnits(
  begin: BeginCommand,
  commands: AsyncIterable<[Command]>,
  options: WorkerOptions,
): Promise<void> {
  const { run: parentRun, worker, directory, failFast, objectives, engine } = begin
  const { runner, version, argv, labs } = options
  const id = workerRunId(parentRun, worker)
  using journal = new JournalFile(join(directory, 'journal.ndjson'), {
    onEntry: (entry) => send({ kind: 'entry', entry }),
    onBroken: (error) => run.abort(error),
  })
  const run: Run = new Run({ id, directory, journal, keepLab: false, objectives })
  using registration = register(run)
  using _listening = listen(run)
  journal.append({ kind: 'run-started', run: id, version, argv, format: journalFormat })
  const hooks = engine === undefined ? undefined : labs?.(engine)
  try {
    await hooks?.before?.(run)
    send({ kind: 'ready' })
    for await (const [command] of commands) {
      if (command.kind === 'end') break
      stopOrAbort(run, command)
      if (command.kind !== 'drill') continue
      const { parameters } = registration
      await drillScenarios(runner, run, { failFast, parameters, only: command.paths })
      send({ kind: 'ready' })
    }
  } catch (error) {
    // If the run was aborted, its reason is recorded below.
    if (!run.signal.aborted) journal.append(errorEvent(error))
  }
  if (run.hasDrill) await run.endDrill()
  try {
    await hooks?.after?.(run)
  } catch (error) {
    journal.append(errorEvent(error))
  }
  if (run.signal.aborted) journal.append(errorEvent(run.signal.reason))
  journal.append({ kind: 'run-ended', exitCode: exitCodeOfRun(journal.entries()) })
}

/** Reacts to commands that cannot wait until the current unit is finished. */
function listen(run: Run): Disposable {
  const onCommand = (command: Command): void => stopOrAbort(run, command)
  const onDisconnect = (): void =>
    run.abort(new DrillError('interrupted', 'interrupted', 'the process that started this worker has exited'))
  process.on('message', onCommand)
  process.once('disconnect', onDisconnect)
  return {
    [Symbol.dispose]: () => {
      process.off('message', onCommand)
      process.off('disconnect', onDisconnect)
    },
  }
}

function stopOrAbort(run: Run, command: Command): void {
  if (command.kind === 'stop') run.stop(command.why)
  if (command.kind === 'abort') run.abort(new DrillError(command.blame, command.code, command.message))
}

function send(message: WorkerMessage): void {
  // Without the parent, the journal's file is all that is left.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
