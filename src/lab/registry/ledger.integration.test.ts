import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { identifyProcess } from '../../localhost/process-identity.ts'
import { Ledger } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
after(() => rmSync(folder, { recursive: true }))

const ledgerIn = (name: string) => new Ledger(join(folder, name, 'runs'))

it('the ledger lists a run as dead once its process has exited', async () => {
  const ledger = ledgerIn('ended')
  const { record } = await ledger.add('run-1', 'container')
  const child = spawn('sleep', ['60'])
  assert.ok(child.pid)
  writeFileSync(
    join(ledger.folder, 'run-2.json'),
    JSON.stringify({ ...record, run: 'run-2', owner: await identifyProcess(child.pid) }),
  )
  const alive = async () => (await ledger.read()).map((one) => [one.run, one.alive]).sort()
  assert.deepEqual(await alive(), [
    ['run-1', true],
    ['run-2', true],
  ])
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.deepEqual(await alive(), [
    ['run-1', true],
    ['run-2', false],
  ])
})
