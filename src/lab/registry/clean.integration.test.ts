import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { identifyProcess, type ProcessIdentity, thisProcess } from '../../localhost/process-identity.ts'
import { openContainerEngine } from '../engine/container/container-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { clean } from './clean.ts'
import { Ledger } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'clean-'))
after(() => rmSync(folder, { recursive: true }))

function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' })
  assert.equal(status, 0, `docker ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

/** These containers never start, so any image does. */
const image = spawnSync('docker', ['images', '-q', 'dr-drill/guest'], { encoding: 'utf8' }).stdout?.split('\n')[0]
const skip = !image && 'needs a container engine with a guest image (./drill setup)'

const prefix = `clean-${process.pid}`
const deadRun = `${prefix}-dead`
const livingRun = `${prefix}-living`

async function deadProcess(): Promise<ProcessIdentity> {
  const child = spawn('sleep', ['60'])
  const identity = await identifyProcess(child.pid ?? 0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return identity ?? assert.fail('it had no identity')
}

describe('clean', { skip }, () => {
  let engine: Pick<Engine, 'residue' | 'remove'>
  let ledger: Ledger
  let dead: ProcessIdentity

  before(async () => {
    const whole = await openContainerEngine()
    // Other labs on this machine do not belong to this test.
    const residue = async () => (await whole.residue()).filter(({ run }) => run.startsWith(prefix))
    engine = { residue, remove: (one) => whole.remove(one) }
    dead = await deadProcess()
  })
  beforeEach(() => {
    ledger = new Ledger(mkdtempSync(join(folder, 'ledger-')))
  })
  afterEach(() => {
    for (const run of [deadRun, livingRun]) {
      const label = `label=dr-drill.run=${run}`
      const rows = (...args: string[]) =>
        docker(...args, '--filter', label)
          .split('\n')
          .filter(Boolean)
      for (const id of rows('ps', '-aq')) docker('rm', '-f', id)
      for (const id of rows('network', 'ls', '-q')) docker('network', 'rm', id)
      for (const id of rows('volume', 'ls', '-q')) docker('volume', 'rm', '-f', id)
    }
  })

  const labelled = (run: string, machine: string, owner: unknown) => [
    ...['--label', `dr-drill.run=${run}`, '--label', `dr-drill.machine=${machine}`],
    ...(owner === undefined ? [] : ['--label', `dr-drill.owner=${JSON.stringify(owner)}`]),
  ]
  const plant = (run: string, machine: string, owner?: unknown) =>
    docker('create', '--network', 'none', ...labelled(run, machine, owner), image ?? '')
  const plantNetwork = (run: string, owner?: unknown) =>
    docker('network', 'create', '--internal', ...labelled(run, 'x', owner), `${run}-network`)
  const plantVolume = (run: string, owner?: unknown) =>
    docker('volume', 'create', ...labelled(run, 'x', owner), `${run}-volume`)
  const left = async () => (await engine.residue()).map(({ kind, name }) => `${kind} ${name}`).sort()

  it('removes everything that a dead run left, and nothing of a live one', async () => {
    const alive = await thisProcess()
    for (const [run, owner] of [
      [deadRun, dead],
      [livingRun, alive],
    ] as const) {
      plant(run, 'hub', owner)
      plant(run, `node of ${run}`, owner)
      plantNetwork(run, owner)
      plantVolume(run, owner)
    }
    const all = await left()
    const ofTheDead = ['container hub', `container node of ${deadRun}`, ...['network', 'volume'].map(named(deadRun))]

    const dry = await clean([engine], ledger, { dryRun: true })
    assert.deepEqual(dry.residue.map(({ kind, name }) => `${kind} ${name}`).sort(), ofTheDead)
    assert.deepEqual(await left(), all)

    const wet = await clean([engine], ledger, { dryRun: false })
    assert.deepEqual(wet.residue.map(({ id }) => id).sort(), dry.residue.map(({ id }) => id).sort())
    assert.deepEqual(await left(), [
      'container hub',
      `container node of ${livingRun}`,
      ...['network', 'volume'].map(named(livingRun)),
    ])
    assert.deepEqual((await clean([engine], ledger, { dryRun: false })).residue, [])
  })

  it('asks the ledger about a thing without an owner', async () => {
    await ledger.add(livingRun, 'container')
    plant(livingRun, 'living')
    plant(deadRun, 'ownerless')
    const { residue } = await clean([engine], ledger, { dryRun: false })
    assert.deepEqual(
      residue.map(({ run }) => run),
      [deadRun],
    )
    assert.deepEqual(await left(), ['container living'])
  })

  it('treats an unreadable owner as none', async () => {
    plant(deadRun, 'garbled', 'not an identity')
    docker('create', ...labelled(deadRun, 'broken', undefined), '--label', 'dr-drill.owner={', image ?? '')
    const { residue } = await clean([engine], ledger, { dryRun: false })
    assert.deepEqual(residue.map(({ name }) => name).sort(), ['broken', 'garbled'])
    assert.deepEqual(await left(), [])
  })

  it('removes a stopped container of another machine, and not a running one', async () => {
    const elsewhere = { ...(await thisProcess()), bootId: 'of another machine' }
    plant(deadRun, 'stopped', elsewhere)
    const running = labelled(deadRun, 'running', elsewhere)
    docker('run', '-d', '--network', 'none', ...running, '--entrypoint', 'sleep', image ?? '', 'infinity')
    await clean([engine], ledger, { dryRun: false })
    assert.deepEqual(await left(), ['container running'])
  })

  it('removes dead runs from the ledger, and lists kept labs', async () => {
    const entry = await ledger.add(livingRun, 'container')
    await entry.keep()
    writeFileSync(
      join(ledger.folder, `${deadRun}.json`),
      JSON.stringify({ ...entry.record, run: deadRun, owner: dead }),
    )
    const expected = { residue: [], runs: [deadRun], kept: [livingRun] }
    assert.deepEqual(await clean([engine], ledger, { dryRun: true }), expected)
    assert.deepEqual(await clean([engine], ledger, { dryRun: false }), expected)
    assert.deepEqual(await clean([engine], ledger, { dryRun: false }), { ...expected, runs: [] })
  })
})

function named(run: string): (kind: string) => string {
  return (kind) => `${kind} ${run}-${kind}`
}
