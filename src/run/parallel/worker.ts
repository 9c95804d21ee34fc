import { on } from 'node:events'
import { join } from 'node:path'
import { Run, register } from '../../drill/run-context.ts'
import { DrillError } from '../../errors.ts'
import { JournalFile } from '../../journal/journal-file.ts'
import { errorEvent } from '../../journal/outcome.ts'
import { workerRunId } from '../../lab/registry/worker-run.ts'
import type { Suite } from '../cucumber.ts'
import { drillScenarios } from '../drill-scenarios.ts'
import { exitCodeOfRun } from '../exit-code.ts'
import type { RunHooks } from '../run.ts'
import { type Order, type Word, workerVariable } from './message.ts'

type Begin = Extract<Order, { readonly kind: 'begin' }>

export interface WorkOptions {
  readonly suite: Suite
  /** Of dr-drill. */
  readonly version: string
  readonly argv: readonly string[]
  /** Labs on this engine. */
  readonly labs: ((engine: string) => RunHooks) | undefined
}

/** Whether this process was started as a worker. What it starts itself is none. */
export function becomeWorker(): boolean {
  const isWorker = process.env[workerVariable] === '1' && process.send !== undefined
  delete process.env[workerVariable]
  if (!isWorker) return false
  // A terminal gives its signals to all of us; who started us tells us what to do about them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  // Nobody reads what is said after the one who started us has gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return true
}

/** Drills what the process that started this one hands out, until there is no more or that process is gone. */
export async function work(options: WorkOptions): Promise<void> {
  const deserted = new AbortController()
  process.once('disconnect', () => deserted.abort())
  if (!process.connected) return
  try {
    const orders = on(process, 'message', { signal: deserted.signal }) as AsyncIterable<[Order]>
    for await (const [order] of orders) if (order.kind === 'begin') return await drillAll(order, orders, options)
  } catch (error) {
    if (!deserted.signal.aborted) throw error
  }
}

async function drillAll(begin: Begin, orders: AsyncIterable<[Order]>, options: WorkOptions): Promise<void> {
  const { run: of, worker, directory, failFast, objectives, engine } = begin
  const { suite, version, argv, labs } = options
  const id = workerRunId(of, worker)
  using journal = new JournalFile(join(directory, 'journal.ndjson'), {
    onEntry: (entry) => tell({ kind: 'entry', entry }),
    onBroken: (error) => run.abort(error),
  })
  const run: Run = new Run({ id, directory, journal, keepLab: false, objectives })
  using registration = register(run)
  using _listening = listen(run)
  journal.append({ kind: 'run-started', run: id, version, argv })
  const hooks = engine === undefined ? undefined : labs?.(engine)
  try {
    await hooks?.before?.(run)
    tell({ kind: 'ready' })
    for await (const [order] of orders) {
      if (order.kind === 'end') break
      heed(run, order)
      if (order.kind !== 'drill') continue
      const { parameters } = registration
      await drillScenarios(suite, run, { failFast, parameters, only: order.paths })
      tell({ kind: 'ready' })
    }
  } catch (error) {
    // It is among the run's errors in any case when the run was aborted.
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

/** What cannot wait until the drill is over. */
function listen(run: Run): Disposable {
  const onOrder = (order: Order): void => heed(run, order)
  const onDisconnect = (): void =>
    run.abort(new DrillError('interrupted', 'interrupted', 'the process that started this worker is gone'))
  process.on('message', onOrder)
  process.once('disconnect', onDisconnect)
  return {
    [Symbol.dispose]: () => {
      process.off('message', onOrder)
      process.off('disconnect', onDisconnect)
    },
  }
}

function heed(run: Run, order: Order): void {
  if (order.kind === 'stop') run.stop(order.why)
  if (order.kind === 'abort') run.abort(new DrillError(order.blame, order.code, order.message))
}

function tell(word: Word): void {
  // Without the one who started us, the journal's file is all there is.
  if (process.connected) process.send?.(word, undefined, undefined, () => {})
}
