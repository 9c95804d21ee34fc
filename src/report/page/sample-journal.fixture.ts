import { createHash } from 'node:crypto'
import type { ImageRecord } from '../../backup/catalog.ts'
import type { ExerciseRecord, JournalEntry, JournalEvent, Outcome, RestoreRecord } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'

/** A scenario of a sample run. */
export interface SampleScenario {
  readonly name?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly outcome?: Outcome
  readonly why?: string
  /** The text of the step that is judged. */
  readonly claim?: string
  /** The output of a command. */
  readonly output?: string
  /** Commands in addition to those that every sample has. */
  readonly moreCommands?: number
  /** True if its background was taken over from a saved lab. */
  readonly isTakenOver?: boolean
  /** The events of a team that recovers the site. */
  readonly exercise?: readonly ExerciseRecord[]
  /** How often it was started. Default: 1 */
  readonly attempts?: number
}

const share = '10.10.2.20:/upstream'
const originPath = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const localPath = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const timestamp = { seconds: 0, nanos: 0 }
const second = { seconds: 1, nanos: 0 }
const appliance = 'recovery/appliance'
const compute = 'recovery/compute-1'

/** The texts of the steps of a sample. The fourth one is judged. */
const given = `site "primary" backs up to the share "${share}"`
const texts = (claim: string) => [given, 'the origin path is bound on every node', 'every snapshot is restored', claim]

/** Returns the journal of a run with these scenarios, as Cucumber and drills write it. */
export function sampleJournal(scenarios: readonly SampleScenario[]): readonly JournalEntry[] {
  const journal = new MemoryJournal()
  const envelope = (content: object): void => void journal.append({ kind: 'envelope', envelope: content })
  journal.append({ kind: 'run-started', run: '20261101t000000-abcdef', version: '1.2.3', argv: ['run'] })
  journal.append({
    kind: 'environment',
    environment: {
      ...{ user: 'ada', host: 'lab-7', system: 'Linux 6.12', node: 'v24.0.0', engine: 'embedded' },
      engineVersion: 'Linux 6.12',
      guestImage: 'guest-0123456789abcdef',
      ciJob: 'https://ci.example.org/job/7',
      features: { commit: '0123456789abcdef', isDirty: true },
    },
  })
  envelope({ meta: { protocolVersion: '34', implementation: { name: 'cucumber-js' } } })
  for (const [index, scenario] of scenarios.entries()) {
    declare(envelope, scenario, index)
    for (let attempt = 0; attempt < (scenario.attempts ?? 1); attempt++) {
      const drill = attempt === 0 ? `d${index + 1}` : `d${index + 1}-${attempt + 1}`
      play(journal, scenario, index, attempt, drill)
    }
  }
  envelope({ testRunFinished: { testRunStartedId: 'run', timestamp, success: true } })
  journal.append({
    kind: 'finding',
    finding: { verdict: 'pass', question: 'nothing is left behind', sentence: 'no containers', evidence: [1] },
  })
  const outcomes = scenarios.map(({ outcome = 'passed' }) => outcome)
  journal.append({
    kind: 'run-ended',
    exitCode: outcomes.includes('failed') ? 1 : outcomes.includes('unknown') ? 3 : 0,
  })
  return journal.entries()
}

function declare(envelope: (content: object) => void, scenario: SampleScenario, index: number): void {
  const { name = `Scenario ${index + 1}`, description = '', tags = [], claim = 'every restore succeeds' } = scenario
  const uri = `features/sample-${index + 1}.feature`
  const steps = texts(claim).map((text, step) => ({
    ...{ id: `g${index}-${step}`, text, location: { line: step + 4 } },
    keyword: step === 0 ? 'Given ' : step === 3 ? 'Then ' : 'When ',
  }))
  const inner = { id: `s${index}`, location: { line: 3 }, tags: [], keyword: 'Scenario', name, description, steps }
  const feature = { location: { line: 1 }, tags: [], keyword: 'Feature', name: `Feature ${index + 1}`, description: '' }
  envelope({ gherkinDocument: { uri, comments: [], feature: { ...feature, children: [{ scenario: inner }] } } })
  const pickleSteps = steps.map(({ id, text }, step) => ({ id: `p${index}-${step}`, text, astNodeIds: [id] }))
  const pickleTags = tags.map((tag) => ({ name: tag, astNodeId: 't' }))
  const pickle = { id: `p${index}`, uri, name, location: { line: 3 }, tags: pickleTags, astNodeIds: [`s${index}`] }
  envelope({ pickle: { ...pickle, steps: pickleSteps } })
  const testSteps = [
    { id: `h${index}`, hookId: 'begin' },
    ...pickleSteps.map(({ id }, step) => ({ id: `t${index}-${step}`, pickleStepId: id })),
    { id: `e${index}`, hookId: 'end' },
  ]
  envelope({ testCase: { id: `c${index}`, pickleId: `p${index}`, testSteps } })
}

function play(journal: MemoryJournal, scenario: SampleScenario, index: number, attempt: number, drill: string): void {
  const { name = `Scenario ${index + 1}`, outcome = 'passed', output = 'done\n', moreCommands = 0 } = scenario
  const started = `r${index}-${attempt}`
  const envelope = (content: object): void => void journal.append({ kind: 'envelope', envelope: content })
  const finish = (testStepId: string, status: string, message?: string): void =>
    envelope({
      testStepFinished: {
        ...{ testCaseStartedId: started, testStepId, timestamp },
        testStepResult: { status, duration: second, ...(message === undefined ? {} : { message }) },
      },
    })
  let series: string | undefined
  const add = (event: JournalEvent): JournalEntry =>
    journal.append(series === undefined ? event : { ...event, series }, drill)
  envelope({ testCaseStarted: { id: started, testCaseId: `c${index}`, attempt, timestamp } })
  add({
    kind: 'drill-started',
    name,
    feature: `Feature ${index + 1}`,
    location: `features/sample-${index + 1}.feature:3`,
  })
  finish(`h${index}`, 'PASSED')
  series = 's1'
  if (scenario.isTakenOver === true)
    add({
      kind: 'background-taken-over',
      origin: { name: 'Another', location: 'features/a.feature:3', lab: 'lab-1', savedAt: '2026-11-01T00:00:00.000Z' },
    })
  add({ kind: 'phase-started', phase: 'provision' })
  add({ kind: 'observation', subject: 'kernel', where: compute, facts: '7.2.7' })
  add({ kind: 'observation', subject: 'QEMU', where: compute, facts: '10.0.2 (Debian 1:10.0.2+ds-2)' })
  add({
    kind: 'observation',
    subject: 'the nodes of the site',
    where: 'recovery',
    facts: [appliance, compute, 'recovery/compute-2'],
  })
  add({ kind: 'phase-ended', phase: 'provision', durationMs: 1000 })
  add({ kind: 'phase-started', phase: 'back up' })
  const images = [1, 2].map((snapshot) => imageOf(index, snapshot))
  const backups = images.map((image) => add({ kind: 'backup', image, share, originPath, site: 'primary' }))
  add({ kind: 'phase-ended', phase: 'back up', durationMs: 2000 })
  finish(`t${index}-0`, 'PASSED')
  series = 's2'
  add({ kind: 'fault', fault: 'site loss', subject: 'site primary', proof: { '10.10.2.20': 'nothing' } })
  add({ kind: 'observation', subject: 'mount table', where: compute, facts: mounts(false) })
  add({ kind: 'phase-started', phase: 'recover' })
  for (const done of ['begun', 'done'] as const)
    add({
      kind: 'action',
      where: compute,
      action: { kind: 'bind', local: localPath, origin: originPath },
      outcome: done,
    })
  for (let nth = 0; nth < moreCommands; nth++) add(command(`stat /srv/${nth}`, output))
  for (const record of scenario.exercise ?? []) add({ kind: 'exercise', ...record })
  add({ kind: 'phase-ended', phase: 'recover', durationMs: 500 })
  finish(`t${index}-1`, 'PASSED')
  series = 's3'
  add({ kind: 'phase-started', phase: 'restore' })
  add({ kind: 'observation', subject: 'mount table', where: compute, facts: mounts(true) })
  add({ ...command('qemu-img convert a b', output), restoreId: 'r1' } as JournalEvent)
  const isGood = outcome !== 'failed'
  const restores = images.map((image, nth) =>
    add({ kind: 'restore', restore: restoreOf(image, isGood || nth === 0), evidence: evidenceOf(image) }),
  )
  add({ kind: 'phase-ended', phase: 'restore', durationMs: 3000 })
  finish(`t${index}-2`, 'PASSED')
  series = 's4'
  const question = 'every restore has the content that was backed up'
  add({ kind: 'expectation', question, expected: { series: 's3' } })
  const { why = outcome === 'passed' ? undefined : `${question}: it is ${outcome}` } = scenario
  if (outcome !== 'not run') {
    const verdict = outcome === 'passed' ? 'pass' : outcome === 'failed' ? 'fail' : 'unknown'
    const evidence = [...backups, ...restores].map(({ seq }) => seq)
    add({ kind: 'finding', finding: { verdict, question, sentence: why ?? '2 restores', evidence } })
  }
  finish(`t${index}-3`, outcome === 'passed' ? 'PASSED' : outcome === 'not run' ? 'SKIPPED' : 'FAILED', why)
  add({ kind: 'phase-started', phase: 'tear down' })
  add({ kind: 'phase-ended', phase: 'tear down', durationMs: 100 })
  add({ kind: 'drill-ended', outcome, ...(why === undefined ? {} : { why }) })
  finish(`e${index}`, 'PASSED')
  envelope({ testCaseFinished: { testCaseStartedId: started, timestamp, willBeRetried: false } })
}

function command(text: string, stdout: string): Extract<JournalEvent, { readonly kind: 'command' }> {
  const result = { ended: 'exited', exitCode: 0, stdout, stderr: '', durationMs: 12.3 }
  return { kind: 'command', where: compute, command: text, user: { uid: 162, gid: 162 }, ...result }
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function imageOf(index: number, snapshot: number): ImageRecord {
  const path = (nth: number): string => `workload_${index}/snapshot_${hex(`${index} ${nth}`)}/vm_id_1/vda/${nth}`
  return {
    ...{ workload: 'web', workloadId: `w${index}`, vm: 'web-1', vmId: 'v', disk: 'vda' },
    ...{ snapshot, snapshotId: `s${snapshot}`, type: snapshot === 1 ? 'full' : 'incremental', path: path(snapshot) },
    chain: snapshot === 1 ? [path(1)] : [path(2), path(1)],
    ...{ virtualSizeBytes: 1_073_741_824, digest: hex(`content ${index} ${snapshot}`) },
  }
}

function restoreOf(image: ImageRecord, isGood: boolean): RestoreRecord {
  const common = {
    id: `r${image.snapshot}`,
    image,
    site: 'recovery',
    node: compute,
    sizedOn: appliance,
    durationMs: 700,
  }
  if (isGood) return { ...common, outcome: 'restored', digest: image.digest, toolSucceeded: true }
  const path = `${originPath}/${image.chain[1]}`
  const reason = { kind: 'parent missing', node: compute, path, sentence: `${path} is missing on ${compute}` } as const
  return { ...common, outcome: 'failed', toolSucceeded: false, reason }
}

function evidenceOf(image: ImageRecord): unknown {
  const argv = ['qemu-img', 'convert', '-f', 'qcow2', '--', `${localPath}/${image.path}`, '/srv/r.raw']
  return {
    attempts: [
      {
        ...{ part: 'reading', where: compute, ended: 'exited', exitCode: 0, stdout: '(1.00/100%)\r(100.00/100%)\r\n' },
        ...{ stderr: '', command: { argv, startedAt: '2026-11-01T00:00:00Z', durationMs: 600 } },
      },
    ],
    recordedDigest: image.digest,
  }
}

function mounts(isBound: boolean): string {
  const options = 'rw,relatime shared:9 - nfs4 10.20.2.20:/replica rw,vers=4.2'
  const lines = [
    '20 1 98:0 / / rw,relatime shared:1 - ext4 /dev/root rw',
    '22 20 0:18 / /proc rw,relatime shared:5 - proc proc rw',
    `30 20 0:24 / ${localPath} ${options}`,
    ...(isBound ? [`31 20 0:24 / ${originPath} ${options}`] : []),
  ]
  return `${lines.join('\n')}\n`
}
