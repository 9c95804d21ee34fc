import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { MachineError } from '../../errors.ts'
import { thisProcess } from '../../localhost/process-identity.ts'
import { stateFolder } from '../../localhost/state-folder.ts'
import type { LabEntry } from '../lab.ts'
import { Ledger } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
after(() => rmSync(folder, { recursive: true }))

const ledgerIn = (name: string) => new Ledger(join(folder, name, 'runs'))

function machine(lab: string, name: string): LabEntry {
  const keys = { hostPublicKey: 'public', clientPrivateKey: 'private' }
  return { lab, hubId: 'hub', name, where: name, managementAddress: '100.64.0.2', ...keys }
}

describe('the ledger', () => {
  it('is in the state folder of the user', () => {
    assert.equal(stateFolder({ XDG_STATE_HOME: '/state' }), '/state/dr-drill')
    assert.equal(stateFolder({ XDG_STATE_HOME: '' }), join(homedir(), '.local/state/dr-drill'))
  })

  it('lists the run of this process as alive, until it is removed', async () => {
    const ledger = ledgerIn('own')
    assert.deepEqual(await ledger.read(), [])
    const entry = await ledger.add('run-1', 'container')
    await entry.addMachine(machine('lab-1', 'a'))
    await entry.addMachine(machine('lab-2', 'b'))
    await entry.removeLab('lab-1')
    await entry.keep()
    const [record, ...others] = await ledger.read()
    assert.deepEqual(record, { ...entry.record, alive: true })
    assert.deepEqual(record.owner, await thisProcess())
    assert.deepEqual([record.run, record.kept, record.machines], ['run-1', true, [machine('lab-2', 'b')]])
    assert.deepEqual(others, [])
    await ledger.remove('run-1')
    await ledger.remove('run-1')
    assert.deepEqual(await ledger.read(), [])
  })

  it('is readable only for its user, because it contains keys', async () => {
    const ledger = ledgerIn('private')
    await ledger.add('run-1', 'container')
    assert.equal(statSync(ledger.folder).mode & 0o777, 0o700)
    assert.equal(statSync(join(ledger.folder, 'run-1.json')).mode & 0o777, 0o600)
  })

  for (const [what, text] of [
    ['empty', ''],
    ['truncated', '{"run":"x","own'],
    ['null', 'null'],
    ['without an owner', '{"run":"x"}'],
  ])
    it(`lists a file that is ${what} as a dead run, and can remove it`, async () => {
      const ledger = ledgerIn(`bad ${what}`)
      await ledger.add('run-1', 'container')
      writeFileSync(join(ledger.folder, 'bad.json'), text ?? '')
      const bad = (await ledger.read()).find(({ run }) => run === 'bad')
      assert.deepEqual([bad?.alive, bad?.kept, bad?.machines], [false, false, []])
      await ledger.remove('bad')
      assert.equal(existsSync(join(ledger.folder, 'bad.json')), false)
    })

  it('is never read half-written', async () => {
    const ledger = ledgerIn('busy')
    const entry = await ledger.add('run-1', 'container')
    let writing = true
    // All at the same time, as machines of a lab start.
    const names = Array.from({ length: 100 }, (_, nth) => `machine-${nth}`)
    const saves = Promise.all(names.map((name) => entry.addMachine(machine('lab-1', name)))).finally(() => {
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

  it('that is not writable is an error that names the folder and the remedy', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await assert.rejects(new Ledger(join(file, 'runs')).add('run-1', 'container'), (error: unknown) => {
      assert.ok(error instanceof MachineError)
      assert.equal(error.code, 'ledger')
      assert.ok(error.message.includes(join(file, 'runs')))
      assert.match(error.remedy ?? '', /XDG_STATE_HOME/)
      return true
    })
  })
})
