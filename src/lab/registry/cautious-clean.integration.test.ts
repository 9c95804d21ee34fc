import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { hasEnded, identifyProcess, type ProcessIdentity, thisProcess } from '../../localhost/process-identity.ts'
import type { Residue } from '../engine/engine.ts'
import { clean } from './clean.ts'
import { Ledger } from './ledger.ts'

describe('without being asked for, clean', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cautious-'))
  after(() => rmSync(folder, { recursive: true }))
  let owners: Readonly<Record<string, ProcessIdentity>>
  before(async () => {
    const [alive, child] = [await thisProcess(), spawn('sleep', ['60'])]
    const ended = (await identifyProcess(child.pid ?? 0)) ?? assert.fail('it had no identity')
    child.kill('SIGKILL')
    await once(child, 'exit')
    owners = {
      alive,
      ended,
      'ended here': { ...ended, pidNamespace: alive.pidNamespace ?? '' },
      'in another namespace': { ...ended, pidNamespace: 'pid:[1]' },
      'after another boot': { ...ended, bootId: 'another' },
    }
  })

  it('takes only processes of this boot and this namespace for ended', async () => {
    const ended = await Promise.all(Object.entries(owners).map(async ([name, one]) => [name, await hasEnded(one)]))
    assert.deepEqual(
      ended.filter(([, is]) => is === true).map(([name]) => name),
      ['ended', 'ended here'],
    )
  })

  it('removes what ended runs left, with their files, and nothing of others or without an owner', async () => {
    const ledger = new Ledger(join(folder, 'runs'))
    mkdirSync(ledger.folder)
    const things: Residue[] = [{ kind: 'process', id: 'ownerless', run: 'ownerless', name: 'ownerless' }]
    for (const [run, owner] of Object.entries(owners)) {
      things.push({ kind: 'process', id: run, run, name: run, owner, running: true })
      const record = { run, engine: 'embedded', owner, startedAt: '', kept: false, machines: [] }
      writeFileSync(join(ledger.folder, `${run}.json`), JSON.stringify(record))
      mkdirSync(ledger.filesOf(run), { recursive: true })
    }
    writeFileSync(join(ledger.folder, 'unreadable.json'), '{')
    const present = new Set(things)
    const engine = { residue: async () => [...present], remove: async (one: Residue) => void present.delete(one) }
    const { runs } = await clean([engine], ledger, { dryRun: false, isCautious: true })
    assert.deepEqual([...runs].sort(), ['ended', 'ended here'])
    const others = ['after another boot', 'alive', 'in another namespace']
    assert.deepEqual([...present].map(({ id }) => id).sort(), [...others, 'ownerless'].sort())
    assert.deepEqual(readdirSync(join(folder, 'labs')).sort(), others)
    assert.deepEqual(readdirSync(ledger.folder).sort(), [...others, 'unreadable'].map((name) => `${name}.json`).sort())
  })
})
