import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { MachineError } from '../../errors.ts'
import { thisProcess } from '../../localhost/process-identity.ts'
import type { LabEntry } from '../lab.ts'
import { Ledger, stateFolder } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
after(() => rmSync(folder, { recursive: true }))

const ledgerIn = (name: string) => new Ledger(join(folder, name, 'runs'))

function machine(lab: string, name: string): LabEntry {
  const keys = { hostPublicKey: 'public', clientPrivateKey: 'private' }
  return { lab, hubId: 'hub', name, where: name, managementAddress: '100.64.0.2', ...keys }
}

it('is where the state of programs goes', () => {
  assert.equal(stateFolder({ XDG_STATE_HOME: '/state' }), '/state/dr-drill')
  assert.equal(stateFolder({ XDG_STATE_HOME: '' }), join(homedir(), '.local/state/dr-drill'))
})

it('has the run of this process, alive, until it is struck', async () => {
  const ledger = ledgerIn('own')
  assert.deepEqual(await ledger.read(), [])
  const page = await ledger.open('run-1', 'container')
  await page.add(machine('lab-1', 'a'))
  await page.add(machine('lab-2', 'b'))
  await page.removeLab('lab-1')
  await page.keep()
  const [record, ...others] = await ledger.read()
  assert.deepEqual(record, { ...page.record, alive: true })
  assert.deepEqual(record.owner, await thisProcess())
  assert.deepEqual([record.run, record.kept, record.machines], ['run-1', true, [machine('lab-2', 'b')]])
  assert.deepEqual(others, [])
  await ledger.strike('run-1')
  await ledger.strike('run-1')
  assert.deepEqual(await ledger.read(), [])
})

it('is for its user alone: it holds keys', async () => {
  const ledger = ledgerIn('private')
  await ledger.open('run-1', 'container')
  assert.equal(statSync(ledger.folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(ledger.folder, 'run-1.json')).mode & 0o777, 0o600)
})

for (const [what, text] of [
  ['empty', ''],
  ['cut short', '{"run":"x","own'],
  ['null', 'null'],
  ['without an owner', '{"run":"x"}'],
])
  it(`takes a file that is ${what} for a dead run's, and can strike it`, async () => {
    const ledger = ledgerIn(`bad ${what}`)
    await ledger.open('run-1', 'container')
    writeFileSync(join(ledger.folder, 'bad.json'), text ?? '')
    const bad = (await ledger.read()).find(({ run }) => run === 'bad')
    assert.deepEqual([bad?.alive, bad?.kept, bad?.machines], [false, false, []])
    await ledger.strike('bad')
    assert.equal(existsSync(join(ledger.folder, 'bad.json')), false)
  })

it('is read whole while it is written', async () => {
  const ledger = ledgerIn('busy')
  const page = await ledger.open('run-1', 'container')
  let writing = true
  // All at once, as machines of a lab come up.
  const names = Array.from({ length: 100 }, (_, nth) => `machine-${nth}`)
  const saves = Promise.all(names.map((name) => page.add(machine('lab-1', name)))).finally(() => {
    writing = false
  })
  let reads = 0
  while (writing) {
    const records = await ledger.read()
    assert.deepEqual(
      records.map(({ run, alive }) => [run, alive]),
      [['run-1', true]],
    )
    reads += 1
  }
  await saves
  assert.ok(reads > 0)
  assert.deepEqual(
    (await ledger.read())[0]?.machines.map(({ name }) => name),
    names,
  )
  assert.deepEqual(readdirSync(ledger.folder), ['run-1.json'])
})

it('says where it cannot be written, and what helps', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await assert.rejects(new Ledger(join(file, 'runs')).open('run-1', 'container'), (error: unknown) => {
    assert.ok(error instanceof MachineError)
    assert.equal(error.code, 'ledger')
    assert.ok(error.message.includes(join(file, 'runs')))
    assert.match(error.remedy ?? '', /XDG_STATE_HOME/)
    return true
  })
})
