import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import { findMachine, type MachinePlace } from './find-machine.ts'
import { Ledger } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-find-machine-'))
const ledger = new Ledger(folder)
after(() => rmSync(folder, { recursive: true }))

before(async () => {
  const labs: readonly (readonly [run: string, project: string, lab: string, where: string])[] = [
    ['run-1', '/ours', 'lab-1', 'recovery/compute-1'],
    ['run-2', '/theirs', 'lab-1', 'recovery/compute-1'],
    ['run-2', '/theirs', 'lab-1', 'primary/compute-1'],
    ['run-3', '/several', 'lab-1', 'recovery/compute-1'],
    ['run-4', '/several', 'lab-1', 'recovery/compute-1'],
    ['run-5', '/kept', 'lab-1', 'recovery/compute-1'],
    ['run-5', '/kept', 'lab-2', 'recovery/compute-1'],
  ]
  for (const [run, machines] of Map.groupBy(labs, ([first]) => first)) {
    const entry = await ledger.add(run, 'embedded', machines[0]?.[1])
    for (const [, , lab, where] of machines)
      await entry.addMachine({
        lab,
        where,
        name: where.replace('/', '-'),
        hubId: run,
        managementAddress: '10.0.0.2',
        hostPublicKey: '',
        clientPrivateKey: '',
      })
  }
})

const found = async (node: string, place: MachinePlace): Promise<string> => {
  const { record, machine } = await findMachine(ledger, node, place)
  return `${record.run} ${machine.lab} ${machine.where}`
}

/** The message and the remedy of the error, without the times when runs started. */
async function refusal(node: string, place: MachinePlace): Promise<readonly string[]> {
  const error: unknown = await findMachine(ledger, node, place).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof InputError)
  return [error.message, ...(error.remedy ?? '').replaceAll(/, started \S+/g, '').split('\n')]
}

describe('a machine', () => {
  it('is found by its name and by its place, in labs of the project', async () => {
    assert.equal(await found('recovery-compute-1', { project: '/ours' }), 'run-1 lab-1 recovery/compute-1')
    assert.equal(await found('recovery/compute-1', { project: '/ours' }), 'run-1 lab-1 recovery/compute-1')
  })

  it('of another project is found by its run only', async () => {
    assert.deepEqual(await refusal('recovery/compute-1', { project: '/elsewhere' }), [
      'no lab of this project has a machine "recovery/compute-1"',
      'Name the run of another lab with --run:',
      '  run-1 in /ours',
      '  run-2 in /theirs',
      '  run-3 in /several',
      '  run-4 in /several',
      '  run-5 in /kept',
    ])
    assert.equal(await found('recovery/compute-1', { run: 'run-2' }), 'run-2 lab-1 recovery/compute-1')
  })

  it('that several runs of the project have is refused with the runs', async () => {
    assert.deepEqual(await refusal('recovery/compute-1', { project: '/several' }), [
      'several labs have a machine "recovery/compute-1": lab-1 of run run-3, lab-1 of run run-4',
      'Name one of the runs with --run:',
      '  run-3 in /several',
      '  run-4 in /several',
    ])
  })

  it('that several labs of one run have is found by its lab only', async () => {
    const [message] = await refusal('recovery/compute-1', { run: 'run-5' })
    assert.equal(message, 'several labs have a machine "recovery/compute-1": lab-1 of run run-5, lab-2 of run run-5')
    assert.equal(await found('recovery/compute-1', { run: 'run-5', lab: 'lab-2' }), 'run-5 lab-2 recovery/compute-1')
  })

  it('that does not exist is refused with the machines that do', async () => {
    assert.deepEqual(await refusal('recovery/compute-2', { project: '/ours' }), [
      'no lab of this project has a machine "recovery/compute-2"',
      'Name one of recovery/compute-1.',
    ])
    assert.deepEqual(await refusal('recovery/compute-2', { run: 'run-2' }), [
      'no lab of run run-2 has a machine "recovery/compute-2"',
      'Name one of recovery/compute-1, primary/compute-1.',
    ])
  })

  it('that only a lab of another project has is refused with both', async () => {
    assert.deepEqual(await refusal('primary/compute-1', { project: '/ours' }), [
      'no lab of this project has a machine "primary/compute-1"',
      'Name one of recovery/compute-1.',
      'Name the run of another lab with --run:',
      '  run-2 in /theirs',
    ])
  })

  it('of a run that is not there is refused with the runs that are', async () => {
    const [message, heading, first] = await refusal('recovery/compute-1', { run: 'run-9' })
    assert.deepEqual(
      [message, heading, first],
      ['no lab of run "run-9" is running', 'Runs with a lab:', '  run-1 in /ours'],
    )
  })

  it('is refused with how to start a lab, where no lab is running', async () => {
    const empty = new Ledger(join(folder, 'empty'))
    const error: unknown = await findMachine(empty, 'a', { project: '/ours' }).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof InputError)
    assert.equal(error.message, 'no lab has a machine "a"')
    assert.match(error.remedy ?? '', /lab up/)
  })
})
