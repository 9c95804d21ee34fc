import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { EngineName } from '../src/lab/engine/engine.ts'
import { AssessBench } from './assess.ts'
import { AssessMillionBench } from './assess-million.ts'
import { AssessSlowBench } from './assess-slow.ts'
import { type Comparison, compare, type Goal } from './comparison.ts'
import { ContentBench } from './content.ts'
import { EvidenceBench } from './evidence.ts'
import { FastDrillsBench } from './fast-drills.ts'
import { FirstVerdictBench } from './first-verdict.ts'
import { FullTablesBench } from './full-tables.ts'
import { HandoverBench } from './handover.ts'
import { HeaderBench } from './headers.ts'
import { LabBench } from './lab.ts'
import { LooksBench } from './looks.ts'
import { ManagerBench } from './manager.ts'
import { PageBench } from './page.ts'
import { QueueBench } from './queue.ts'
import { QueueLimitsBench } from './queue-limits.ts'
import { RebaseBench } from './rebase.ts'
import { RecoveryBench } from './recovery.ts'
import { modelHosts, simulate } from './scale-model.ts'
import { ScenarioBench } from './scenario.ts'
import { TargetBench } from './target.ts'
import { TruthBench } from './truth.ts'

/** One comparison, or several that share their preparation. */
export interface Benchmark {
  readonly name: string
  /** The engines that are set up before it begins. */
  readonly engines: readonly EngineName[]
  /** True if it needs so much time or disk that it runs only if it is named. */
  readonly isOnDemand?: true
  readonly run: (rounds: number, signal: AbortSignal) => Promise<readonly Comparison[]>
}

/** All benchmarks, in the order in which they run. */
export const menu: readonly Benchmark[] = [
  { name: 'headers', engines: [], run: headers },
  { name: 'content', engines: [], run: content },
  { name: 'target', engines: [], run: target },
  { name: 'assess', engines: [], run: assessHeaders },
  { name: 'assess-tables', engines: [], run: assessTables },
  { name: 'assess-slow', engines: [], run: assessSlow },
  { name: 'assess-million', engines: [], isOnDemand: true, run: assessMillion },
  { name: 'truth', engines: [], isOnDemand: true, run: truth },
  { name: 'queue', engines: [], isOnDemand: true, run: queue },
  { name: 'queue-limits', engines: [], isOnDemand: true, run: queueLimits },
  { name: 'scale-model', engines: [], run: scaleModel },
  { name: 'handover', engines: [], run: handover },
  { name: 'rebase', engines: [], run: rebase },
  { name: 'recovery', engines: [], run: recovery },
  { name: 'orphans', engines: [], run: orphans },
  { name: 'reassign', engines: [], isOnDemand: true, run: reassign },
  { name: 'evidence', engines: [], run: evidence },
  { name: 'page', engines: [], isOnDemand: true, run: pageOfRun },
  { name: 'lab-embedded', engines: ['embedded'], run: labUpAndDown('embedded', 'unshare, nsenter and ssh') },
  { name: 'lab-container', engines: ['container'], run: labUpAndDown('container', 'docker and ssh') },
  { name: 'scenario', engines: ['container'], run: mainScenario },
  { name: 'fast', engines: ['embedded'], run: fast },
  { name: 'parallel', engines: ['embedded'], run: parallel },
  { name: 'looks', engines: ['embedded'], isOnDemand: true, run: looks },
  { name: 'first-verdict', engines: ['embedded'], isOnDemand: true, run: firstVerdict },
]

async function headers(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new HeaderBench(signal)
  await bench.prepare()
  const name = `headers of ${bench.images} images, times faster`
  const terms = { rounds, goal: { atLeast: 150 } }
  return [await compare(name, 'one qemu-img info each', terms, { tool: bench.byTool, hand: bench.byHand })]
}

async function pageOfRun(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new PageBench(signal)
  bench.prepare()
  return await bench.compare(rounds)
}

async function evidence(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new EvidenceBench(signal)
  await bench.prepare()
  const name = `evidence verify of a pack of ${bench.sizeMb} MB`
  const terms = { rounds, goal: { atMost: 2 } }
  return [await compare(name, 'sha256sum of the same file', terms, { tool: bench.byTool, hand: bench.byHand })]
}

async function content(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  const compareWith = async (sizeGib: number, every: number, name: string, goal: Goal) => {
    using bench = new ContentBench(sizeGib * 2 ** 30, every, signal)
    await bench.prepare()
    const candidates = { tool: bench.byTool, hand: bench.byHand }
    return await compare(name, 'qemu-img convert to raw, then openssl dgst -sha256', { rounds, goal }, candidates)
  }
  return [
    await compareWith(1, 1, 'content of 1 GiB, all of it allocated', { atMost: 1 }),
    await compareWith(4, 10, 'content of 4 GiB, a tenth of it allocated, times faster', { atLeast: 8 }),
  ]
}

async function target(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new TargetBench(signal)
  await bench.prepare()
  const name = `target create: ${bench.images} images without data`
  const candidates = { tool: bench.byTool, hand: bench.byHand }
  const ofMany = { tool: bench.byToolOf50000, hand: async () => ({ total: 60_000 }) }
  return [
    await compare(name, 'a loop that writes the same folders and files', { rounds, goal: { atMost: 2 } }, candidates),
    await compare('target create: 50,000 images without data', 'a minute', { rounds, goal: { atMost: 1 } }, ofMany),
  ]
}

/** Measures no time: it counts verdicts that QEMU contradicts. The confusion matrix goes to standard error. */
async function truth(_rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new TruthBench(signal)
  const wrong = await bench.wrongPasses()
  const { missed, unexplained } = await bench.missedErrors()
  const count = (name: string, baseline: string, [tool, hand]: readonly [number, number]) => {
    const candidates = { tool: async () => ({ total: tool }), hand: async () => ({ total: hand }) }
    return compare(name, baseline, { rounds: 1, goal: { atMost: 0 }, isWarmedUp: false, unit: 'images' }, candidates)
  }
  const comparisons: Comparison[] = []
  const otherwise = 'read as other content, or not to their end, by qemu-img convert'
  for (const depth of ['tables', 'content'] as const)
    comparisons.push(await count(`damaged images that are restorable by ${depth}`, otherwise, wrong[depth]))
  return [
    ...comparisons,
    await count('damaged tables without a finding', 'found by qemu-img info or check', missed),
    await count('of them without a field that nothing contradicts', otherwise, unexplained),
  ]
}

async function queue(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  await using bench = new QueueBench(signal)
  await bench.prepare()
  const name = `verify --queue and one worker, ${bench.chains} chains of 1 MiB`
  const one = { tool: bench.byOneWorker, hand: bench.withoutQueue }
  const two = { tool: bench.byTwoOnTwoCores, hand: bench.byOneOnOneCore }
  const terms = longRounds(rounds)
  return [
    await compare(name, 'verify --results', { ...terms, goal: { atMost: 1.1 } }, one),
    await compare('two workers on two cores, times faster', 'one on one', { ...terms, goal: { atLeast: 1.7 } }, two),
  ]
}

async function queueLimits(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  await using bench = new QueueLimitsBench(signal)
  await bench.prepare()
  const terms = { ...longRounds(rounds), goal: { atMost: 1 } }
  const adding = { tool: bench.addMillion, hand: after(60_000) }
  const memory = { tool: bench.workerMemory, hand: async () => ({ total: 300 }) }
  const name = `memory of a worker for a slice of a target of ${bench.images} images`
  return [
    await compare('1,000,000 chains added to the queue', 'a minute', terms, adding),
    await compare(name, 'its limit', { ...terms, unit: 'MiB' }, memory),
  ]
}

/** Measures no time, and is the same each time. */
async function scaleModel(): Promise<readonly Comparison[]> {
  const compareWith = async (images: number) => {
    const { seconds, limitSeconds } = simulate(images)
    const name = `model of verify --queue: ${images.toLocaleString('en')} images, ${modelHosts} hosts, a share of 2 GB/s`
    const terms = { rounds: 1, goal: { atMost: 1.2 }, isWarmedUp: false }
    const candidates = { tool: after(seconds * 1000), hand: after(limitSeconds * 1000) }
    return await compare(name, 'the share alone', terms, candidates)
  }
  // With few images, the last ones that are read count more.
  return [await compareWith(1_000_000), await compareWith(10_000)]
}

async function handover(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new HandoverBench(signal)
  await bench.prepare()
  const name = `handover plan for ${bench.workloads} workloads, after a scan of ${Math.round(bench.scanMs)} ms`
  const candidates = { tool: bench.byTool, hand: async () => ({ total: 5000 }) }
  return [await compare(name, '5 seconds', { rounds, goal: { atMost: 1 } }, candidates)]
}

async function rebase(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new RebaseBench(signal)
  bench.prepare()
  const name = `rebase of ${bench.images} images`
  const candidates = { tool: bench.byTool, hand: bench.byHand }
  const terms = { ...longRounds(rounds), goal: { atMost: 1.25 } }
  return [await compare(name, 'xargs -P 2 qemu-img rebase -u', terms, candidates)]
}

async function assessSlow(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new AssessSlowBench(signal)
  await bench.prepare()
  const name = `assess of ${bench.images} images where each open takes 20 ms, times faster`
  const terms = { ...longRounds(rounds), goal: { atLeast: 10 }, isWarmedUp: false }
  return [await compare(name, 'one request at a time', terms, { tool: bench.byTool, hand: bench.oneByOne })]
}

/** Takes minutes for each round, and 28 GB of disk. */
async function assessMillion(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new AssessMillionBench(signal)
  await bench.prepare()
  const terms = { rounds: Math.min(rounds, 2), goal: { atMost: 1.2 }, isWarmedUp: false }
  const candidates = { tool: bench.byMany, hand: bench.byFew }
  const times = await compare(
    'assess of 1,000,000 images by headers, a tenth of it',
    '100,000 images',
    terms,
    candidates,
  )
  const peaks = bench.peaksMib.values()
  const memory = {
    tool: async () => ({ total: peaks.next().value ?? Number.NaN }),
    hand: async () => ({ total: 512 }),
  }
  const inMib = { ...terms, goal: { atMost: 1 }, unit: 'MiB' } as const
  return [times, await compare('memory of all processes together', 'its limit', inMib, memory)]
}

async function assessHeaders(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new AssessBench(signal)
  await bench.prepare()
  const name = `assess of ${bench.images} images by headers`
  const bare = { tool: bench.byTool('headers'), hand: bench.byBareWalk('headers') }
  const qemu = { tool: bench.byTool('headers'), hand: bench.byQemu }
  return [
    await compare(name, 'a bare loop: 4 KiB of each file', { rounds, goal: { atMost: 1.5 } }, bare),
    await compare(`${name}, times faster`, 'one qemu-img info each', { rounds, goal: { atLeast: 150 } }, qemu),
  ]
}

async function assessTables(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new AssessBench(signal)
  await bench.prepare()
  using full = new FullTablesBench(signal)
  await full.prepare()
  const terms = { rounds, goal: { atMost: 1.5 } }
  return [
    await compare(`assess of ${bench.images} images by tables`, 'a bare loop: the same tables of each file', terms, {
      tool: bench.byTool('tables'),
      hand: bench.byBareWalk('tables'),
    }),
    await compare(`tables of an image of ${full.sizeGib} GiB, all of it allocated`, 'qemu-img check', terms, {
      tool: full.byTool,
      hand: full.byHand,
    }),
  ]
}

async function recovery(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new RecoveryBench(signal)
  const planning = (strategy: string, changes: (needed: number) => number) =>
    compare(
      `plan to ${strategy} for ${bench.images} images and ${bench.nodes} nodes`,
      'five seconds',
      { rounds, goal: { atMost: 1 } },
      { tool: () => bench.planning(strategy, changes), hand: after(5_000) },
    )
  return [
    await planning('bind-mount', () => 2 * bench.nodes),
    await planning('rebase', (needed) => needed),
    await compare(
      `a bind on ${bench.nodes} nodes, 20 ms away each`,
      'on one of them',
      { rounds, goal: { atMost: 2 } },
      { tool: bench.onAll, hand: bench.onOne },
    ),
  ]
}

async function orphans(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  // Creating and removing 300,000 files takes minutes on a disk. Both candidates read cached files.
  using bench = new ManagerBench(10_000, existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), signal)
  await bench.prepare()
  const name = `list of ${bench.workloads} orphans with 30 snapshots each`
  const candidates = { tool: bench.listByTool, hand: bench.listByHand }
  const terms = { rounds, goal: { atMost: 3 } }
  return [await compare(name, 'a loop that reads and parses the same records', terms, candidates)]
}

/** Takes minutes for each round, as each file waits for the disk. */
async function reassign(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new ManagerBench(1000, tmpdir(), signal)
  await bench.prepareInCloud()
  const name = `reassignment of ${bench.workloads} workloads with 30 snapshots each`
  const candidates = { tool: bench.reassignByTool, hand: bench.reassignByHand }
  const terms = { ...longRounds(rounds), goal: { atMost: 2 } }
  return [await compare(name, 'a loop that rewrites the same files, with fsync', terms, candidates)]
}

function labUpAndDown(engine: EngineName, by: string): Benchmark['run'] {
  return async (rounds, signal) => {
    using bench = new LabBench(engine, signal)
    const candidates = { tool: () => bench.byTool(), hand: () => bench.byHand() }
    return [
      await compare(
        `${engine} lab of one server and three nodes, up and down`,
        `a script: ${by}`,
        { rounds },
        candidates,
      ),
    ]
  }
}

async function mainScenario(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  await using bench = new ScenarioBench(signal)
  await bench.prepare()
  const name = `main scenario: bind on three nodes, ${bench.restores} restores with digests on two computes`
  const candidates = { tool: () => bench.byTool(), hand: () => bench.byHand() }
  return [await compare(name, 'scenario-by-hand.sh: one shell script a node, by ssh', { rounds }, candidates)]
}

/** Fewer rounds and no warm-up, for benchmarks that take minutes for each round. */
const longRounds = (rounds: number) => ({ rounds: Math.min(rounds, 2), isWarmedUp: false })

async function parallel(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new FastDrillsBench('embedded', signal)
  const terms = { ...longRounds(rounds), goal: { atLeast: 1.3 } }
  const candidates = { tool: bench.inTwo, hand: bench.inOne }
  const name = '--parallel 2 on all features with the tag @fast, times faster'
  return [await compare(name, 'dr-drill run --parallel 1', terms, candidates)]
}

async function fast(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new FastDrillsBench('embedded', signal)
  const terms = { ...longRounds(rounds), goal: { atMost: 1 } }
  const candidates = { tool: bench.byDefault, hand: after(180_000) }
  return [await compare('all features with the tag @fast', 'three minutes', terms, candidates)]
}

async function looks(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  await using bench = new LooksBench(signal)
  await bench.prepare()
  const terms = { ...longRounds(rounds), goal: { atMost: 1.1 } }
  const candidates = { tool: bench.byTool, hand: bench.byHand }
  return [await compare('work on a node, with looks at its objectives', 'without looks', terms, candidates)]
}

/** Each round downloads the dependencies and the packages of a guest again. */
async function firstVerdict(rounds: number, signal: AbortSignal): Promise<readonly Comparison[]> {
  using bench = new FirstVerdictBench('embedded', signal)
  const terms = { ...longRounds(rounds), goal: { atMost: 1 } }
  const name = `from a clone to the verdict on ${bench.feature}, nothing built yet`
  return [await compare(name, '150 seconds', terms, { tool: bench.byTool, hand: after(150_000) })]
}

/** Returns a candidate that takes a fixed time, for goals in seconds. */
function after(ms: number): () => Promise<{ readonly total: number }> {
  return async () => ({ total: ms })
}
