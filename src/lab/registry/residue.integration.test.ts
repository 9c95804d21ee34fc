import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, before, describe, it } from 'node:test'
import { until } from '../../concurrency/deadline.ts'
import { openContainerEngine } from '../engine/container/container-engine.ts'
import { type Engine, type Residue, runVariable } from '../engine/engine.ts'
import { mountPoints, processResidue, residueOf } from './residue.ts'

const run = `residue-${process.pid}`
const isRoot = process.getuid?.() === 0

/** Undoes what a test has planted, the last first, also if the test fails. */
const planted: (() => unknown)[] = []
afterEach(async () => {
  for (const remove of planted.splice(0).toReversed()) await remove()
})

function command(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

function plantProcess(ofRun: string, ...argv: [string, ...string[]]): string {
  const [program, ...args] = argv
  const child = spawn(program, args, { env: { ...process.env, [runVariable]: ofRun }, stdio: 'ignore' })
  planted.push(async () => {
    if (child.kill('SIGKILL')) await once(child, 'exit')
  })
  return `${child.pid}`
}

const kinds = (found: readonly Residue[]) => found.map(({ kind }) => kind).sort()

describe('the processes that a run left behind', () => {
  it('are found by their environment', async () => {
    const pid = plantProcess(run, 'sleep', '60')
    plantProcess(`${run}0`, 'sleep', '60')
    assert.deepEqual(await processResidue(run), [{ kind: 'process', id: pid, run, name: 'sleep 60' }])
  })

  it('include those of its workers', async () => {
    const pid = plantProcess(`${run}-w2`, 'sleep', '60')
    plantProcess(`${run}-w2x`, 'sleep', '60')
    assert.deepEqual(await processResidue(run), [{ kind: 'process', id: pid, run: `${run}-w2`, name: 'sleep 60' }])
  })

  it('do not include the process that looks for them', () => {
    const module = JSON.stringify(new URL('./residue.ts', import.meta.url))
    const asks = `const { processResidue } = await import(${module}); console.log(await processResidue('${run}'))`
    const env = { ...process.env, [runVariable]: run }
    const options = { env, encoding: 'utf8' } as const
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', asks], options)
    assert.deepEqual([stdout, stderr], ['[]\n', ''])
  })

  it('include their namespaces', { skip: !isRoot && 'needs root, to make a namespace' }, async () => {
    const pid = plantProcess(run, 'unshare', '--net', 'sleep', '60')
    const found = await until(
      'a namespace',
      async () => {
        const all = await processResidue(run)
        return all.some(({ kind }) => kind === 'namespace') ? all : undefined
      },
      { deadlineMs: 10_000, intervalMs: 10 },
    )
    assert.deepEqual(kinds(found), ['namespace', 'process'])
    const namespace = found.find(({ kind }) => kind === 'namespace')
    assert.match(namespace?.id ?? '', /^net:\[\d+\]$/)
    assert.equal(namespace?.name, `of process ${pid}`)
  })
})

describe('the mounts that a run left behind', { skip: !isRoot && 'needs root, to mount' }, () => {
  it('are those that did not exist before', async () => {
    const place = mkdtempSync(join(tmpdir(), 'residue-'))
    planted.push(() => rmdirSync(place))
    const before = await mountPoints()
    command('mount', '-t', 'tmpfs', 'none', place)
    planted.push(() => command('umount', place))
    const after = await mountPoints()
    assert.deepEqual([before.has(place), after.has(place)], [false, true])

    const nothingElse = { residue: async () => [] }
    // Other processes on this machine may mount something meanwhile.
    const found = async (earlier: ReadonlySet<string>) =>
      (await residueOf(run, earlier, nothingElse)).filter(({ id }) => id.startsWith(place))
    assert.deepEqual(await found(before), [{ kind: 'mount', id: place, run, name: place }])
    assert.deepEqual(await found(after), [])
  })
})

const image = spawnSync('docker', ['images', '-q', 'dr-drill/guest'], { encoding: 'utf8' }).stdout?.split('\n')[0]
const skip = !image && 'needs a container engine with a guest image (./drill setup)'

describe('what a run left behind in the engine', { skip }, () => {
  let engine: Engine
  before(async () => {
    engine = await openContainerEngine()
  })

  const leftInEngine = async () => {
    const inEngine = new Set<string>(['container', 'network', 'volume'])
    return (await residueOf(run, await mountPoints(), engine)).filter(({ kind }) => inEngine.has(kind))
  }
  const label = ['--label', `dr-drill.run=${run}`]

  for (const [kind, create, remove] of [
    ['container', ['create', '--network', 'none', ...label, image ?? ''], ['rm', '-f']],
    ['network', ['network', 'create', '--internal', ...label, `${run}-network`], ['network', 'rm']],
    ['volume', ['volume', 'create', ...label, `${run}-volume`], ['volume', 'rm']],
  ] as const)
    it(`includes a ${kind} with its label`, async () => {
      const id = command('docker', ...create)
      planted.push(() => command('docker', ...remove, id))
      const found = await leftInEngine()
      assert.deepEqual(
        found.map((one) => [one.kind, one.id, one.run]),
        [[kind, id, run]],
      )
    })

  it('does not include what belongs to other runs', async () => {
    const other = command('docker', 'volume', 'create', '--label', `dr-drill.run=${run}0`, `${run}0-volume`)
    planted.push(() => command('docker', 'volume', 'rm', other))
    assert.deepEqual(await leftInEngine(), [])
  })
})
