import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DrillError, InputError, MachineError } from '../errors.ts'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { exitCodeOfRun } from '../run/exit-code.ts'
import type { Objectives } from '../verdict/claim/objectives.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isText } from '../verdict/observation/facts.ts'
import { backupEvent, restoreEvent } from '../verdict/restore-events.fixture.ts'
import { VerdictError } from '../verdict/verdict-error.ts'
import { Drill } from './drill.ts'

function begin(
  controller = new AbortController(),
  objectives: Objectives = {},
  tags: readonly string[] = [],
): {
  journal: MemoryJournal
  drill: Drill
  controller: AbortController
} {
  const journal = new MemoryJournal()
  const scenario = { name: 'Nothing is prepared', feature: 'Incrementals', location: 'features/a.feature:3' }
  const drill = new Drill({ ...scenario, id: 'd1', journal, signal: controller.signal, objectives, tags })
  return { journal, drill, controller }
}

function kinds(journal: MemoryJournal): string[] {
  return journal.entries().map((entry) => ('phase' in entry ? `${entry.kind} ${entry.phase}` : entry.kind))
}

const undoing = (act: () => void): AsyncDisposable => ({ [Symbol.asyncDispose]: async () => act() })
const failing = (error: unknown): AsyncDisposable =>
  undoing(() => {
    throw error
  })

const mountPath = defineObservation('mount path', isText)

/** A claim that holds. */
function claim(drill: Drill): void {
  mountPath.record(drill.journal, 'appliance', '/x')
  drill.judge(mountPath.is, { facts: '/x' })
}

/** A snapshot of "web", and its restore after the loss of its site so many seconds later. It took 0.1 s. */
const taken = (snapshot: number, seconds: number): JournalEvent[] => [
  { ...(backupEvent(snapshot) as Extract<JournalEvent, { kind: 'backup' }>), takenAt: secondsAfterNoon(seconds) },
]
const restoredAt = (snapshot: number, seconds: number): JournalEvent[] => [
  { kind: 'fault', fault: 'site loss', subject: 'site primary', proof: {}, injectedAt: secondsAfterNoon(seconds) },
  { kind: 'phase-started', phase: 'recover' },
  { kind: 'phase-ended', phase: 'recover', durationMs: 100 },
  { kind: 'phase-started', phase: 'restore' },
  restoreEvent('r1', snapshot),
  { kind: 'phase-ended', phase: 'restore', durationMs: 0 },
]
const secondsAfterNoon = (seconds: number): string => new Date(Date.UTC(2026, 10, 1, 12) + seconds * 1000).toISOString()

describe('a drill', () => {
  it('records each step as a series of its own', () => {
    const { journal, drill } = begin()
    mountPath.record(drill.journal, 'appliance', '/before')
    for (const facts of ['/x', '/y']) {
      drill.openSeries()
      mountPath.record(drill.journal, 'appliance', facts)
      mountPath.record(drill.journal, 'compute-1', facts)
    }
    assert.deepEqual(
      journal.entries('d1').flatMap((entry) => (entry.kind === 'observation' ? [entry.series] : [])),
      [undefined, 's1', 's1', 's2', 's2'],
    )
    assert.equal(drill.judge(mountPath.is, { facts: '/y' }).verdict, 'pass')
    assert.throws(() => drill.judge(mountPath.is, { facts: '/x' }), VerdictError)
  })

  it('keeps the series of an event that another drill recorded', () => {
    const { journal, drill } = begin()
    drill.openSeries()
    drill.openSeries()
    drill.journal.append({ kind: 'note', text: 'of a background', series: 's1' })
    assert.equal(journal.entries('d1').at(-1)?.series, 's1')
  })

  it('without a claim is unknown', async () => {
    const { drill } = begin()
    drill.enter('provision')
    assert.deepEqual(await drill.end(), { outcome: 'unknown', why: 'nothing was judged: the scenario has no claim' })
  })

  describe('with a recovery time objective', () => {
    const recovered = async (recoverMs: number, restoreMs: number) => {
      const { journal, drill } = begin(new AbortController(), { recoveryTimeMs: 1000 })
      claim(drill)
      drill.journal.append({ kind: 'phase-ended', phase: 'recover', durationMs: recoverMs })
      if (restoreMs > 0) drill.journal.append({ kind: 'phase-ended', phase: 'restore', durationMs: restoreMs })
      return {
        ...(await drill.end()),
        questions: journal.entries().filter(({ kind }) => kind === 'expectation').length,
      }
    }

    it('fails if recovery and restores together took longer', async () => {
      const { outcome, why } = await recovered(600, 401)
      assert.equal(outcome, 'failed')
      assert.match(why ?? '', /1\.0 s \(recover 0\.6 s, restore 0\.4 s\), more than the allowed 1\.0 s/)
      assert.equal((await recovered(600, 400)).outcome, 'passed')
    })

    it('is not judged by it if nothing was restored after a recovery', async () => {
      const { outcome, questions } = await recovered(5000, 0)
      assert.deepEqual([outcome, questions], ['passed', 1])
    })
  })

  describe('with objectives', () => {
    const web = [taken(1, 0), restoredAt(1, 60)]

    const judged = async (act: (drill: Drill) => void, objectives: Objectives = {}, tags: readonly string[] = []) => {
      const { journal, drill } = begin(new AbortController(), objectives, tags)
      for (const event of web.flat()) drill.journal.append(event)
      act(drill)
      const { outcome } = await drill.end()
      const findings = journal.entries().flatMap((entry) => (entry.kind === 'finding' ? [entry.finding] : []))
      return { outcome, verdicts: findings.slice(-2).map(({ question, verdict }) => `${verdict} ${question}`) }
    }
    const both = (time: string, point: string) => [
      `${time} recovery and restores meet the recovery time objective`,
      `${point} restored snapshots meet the recovery point objective`,
    ]

    it('of a step judges both, and fails if one is missed', async () => {
      const require = (recoveryTimeMs: number, recoveryPointMs: number) =>
        judged((drill) => {
          drill.require('web', { recoveryTimeMs, recoveryPointMs })
          claim(drill)
        })
      assert.deepEqual(await require(1000, 60_000), { outcome: 'passed', verdicts: both('pass', 'pass') })
      assert.deepEqual(await require(1, 60_000), { outcome: 'failed', verdicts: both('fail', 'pass') })
      assert.deepEqual(await require(1000, 59_999), { outcome: 'failed', verdicts: both('pass', 'fail') })
    })

    it('is unknown if the workload of a step was not restored', async () => {
      const { outcome } = await judged((drill) => {
        drill.require('db', { recoveryTimeMs: 1000 })
        claim(drill)
      })
      assert.equal(outcome, 'unknown')
    })

    it('judges them after a claim that does not hold, and not after another error', async () => {
      const fails = (error?: Error) =>
        judged((drill) => {
          drill.require('web', { recoveryTimeMs: 1000, recoveryPointMs: 60_000 })
          claim(drill)
          try {
            drill.judge(mountPath.is, { facts: '/y' })
          } catch (thrown) {
            drill.recordError(error ?? thrown)
          }
        })
      assert.deepEqual(await fails(), { outcome: 'failed', verdicts: both('pass', 'pass') })
      assert.equal(
        (await fails(new MachineError('lost', 'the engine is lost'))).verdicts[1],
        'fail mount path has the expected value',
      )
    })

    it('of the configuration judges those of the workload and of the tags', async () => {
      const objectives = {
        workloads: { web: { recoveryTimeMs: 1000, recoveryPointMs: 59_000 }, db: { recoveryTimeMs: 1 } },
        tags: { '@slow': { recoveryTimeMs: 1 } },
      }
      assert.deepEqual(await judged(claim, objectives), { outcome: 'failed', verdicts: both('pass', 'fail') })
      const tagged = { tags: objectives.tags }
      assert.equal((await judged(claim, tagged, ['@slow'])).outcome, 'failed')
      assert.equal((await judged(claim, tagged, ['@fast'])).outcome, 'passed')
    })
  })

  it('has consecutive phases, and ends the last one', async () => {
    const { journal, drill } = begin()
    drill.enter('provision')
    drill.enter('provision')
    drill.enter('restore')
    claim(drill)
    assert.deepEqual(await drill.end(), { outcome: 'passed' })
    assert.deepEqual(kinds(journal), [
      'drill-started',
      'phase-started provision',
      'phase-ended provision',
      'phase-started restore',
      'observation',
      'expectation',
      'finding',
      'phase-ended restore',
      'phase-started tear down',
      'phase-ended tear down',
      'drill-ended',
    ])
    assert.ok(journal.entries().every((entry) => entry.drill === 'd1'))
    await assert.rejects(drill.end())
  })

  it('disposes its resources, the last one first, even if the scenario failed', async () => {
    const { drill } = begin()
    const undone: string[] = []
    drill.own(undoing(() => undone.push('lab')))
    drill.own(undoing(() => undone.push('fault')))
    drill.recordError(new InputError('no such share'))
    assert.deepEqual(await drill.end(), { outcome: 'unknown', why: 'no such share' })
    assert.deepEqual(undone, ['fault', 'lab'])
  })

  it('records all errors of clean-up, and returns none if there was one before', async () => {
    const { journal, drill } = begin()
    drill.own(failing(new Error('third')))
    drill.own(failing(new Error('second')))
    const first = new MachineError('engine-lost', 'the engine stopped answering')
    drill.recordError(first)
    drill.recordError(first)
    assert.deepEqual(await drill.end(), { outcome: 'unknown', why: 'the engine stopped answering' })
    const messages = journal
      .entries()
      .flatMap((entry) => (entry.kind === 'error' ? [entry.message.split('\n')[0]] : []))
    assert.deepEqual(messages, ['the engine stopped answering', 'Error: second', 'Error: third'])
  })

  it('is unknown if only clean-up failed, and returns that error', async () => {
    const { drill } = begin()
    const late = new Error('still mounted')
    drill.own(failing(late))
    const { outcome, lateError } = await drill.end()
    assert.deepEqual([outcome, lateError], ['unknown', late])
  })

  it('records the expectation and the finding, and throws unless the verdict is pass', async () => {
    const { journal, drill } = begin()
    mountPath.record(drill.journal, 'appliance', '/x')
    assert.equal(drill.judge(mountPath.is, { facts: '/x' }).verdict, 'pass')
    assert.throws(
      () => drill.judge(mountPath.is, { facts: '/y' }),
      (error) => error instanceof VerdictError && error.blame === 'failure',
    )
    assert.throws(
      () => drill.judge(defineObservation('nothing', isText).is, { facts: '/y' }),
      (error) => error instanceof VerdictError && error.blame === 'machine',
    )
    assert.deepEqual(kinds(journal).slice(-2), ['expectation', 'finding'])
    assert.equal((await drill.end()).outcome, 'failed')
  })

  it('fails if a restore failed and no step examined it', async () => {
    const { drill } = begin()
    drill.journal.append(failedRestore)
    const { outcome, why, lateError } = await drill.end()
    assert.equal(outcome, 'failed')
    assert.match(why ?? '', /no step examined 1 failed restores: snapshot 2 of "web"/)
    assert.ok(lateError instanceof VerdictError)
  })

  it('can be not run, with a reason', async () => {
    const { drill } = begin()
    assert.equal(drill.notRun('no netem in this kernel'), 'skipped')
    assert.deepEqual(await drill.end(), { outcome: 'not run', why: 'no netem in this kernel' })
  })

  it('is unknown if the run was aborted, whatever failed in consequence', async () => {
    const { journal, drill, controller } = begin()
    controller.abort(new DrillError('interrupted', 'interrupted', 'interrupted by SIGINT'))
    drill.recordError(new DOMException('aborted', 'AbortError'))
    drill.recordError(new Error('connection lost'))
    assert.deepEqual(await drill.end(), { outcome: 'unknown', why: 'interrupted by SIGINT' })
    assert.equal(exitCodeOfRun(journal.entries()), 130)
  })
})

const failedRestore: JournalEvent = {
  kind: 'restore',
  evidence: { stat: 'ENOENT' },
  restore: {
    id: 'r1',
    image: {
      workload: 'web',
      workloadId: 'w',
      vm: 'vm-1',
      vmId: 'v',
      disk: 'vda',
      snapshot: 2,
      snapshotId: 's2',
      type: 'incremental',
      path: 'workload_w/x',
      chain: [],
      virtualSizeBytes: 1,
      digest: 'a'.repeat(64),
    },
    site: 'recovery',
    node: 'compute-1',
    sizedOn: 'appliance',
    outcome: 'failed',
    toolSucceeded: false,
    durationMs: 1,
  },
}
