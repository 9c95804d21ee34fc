import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { thisProcess } from '../../../localhost/process-identity.ts'
import { labProcesses, marksOf } from './processes.ts'

const run = `processes-${process.pid}`
const planted: ChildProcess[] = []
afterEach(async () => {
  for (const child of planted.splice(0)) if (child.kill('SIGKILL')) await once(child, 'exit')
})

function plant(env: NodeJS.ProcessEnv): number {
  const child = spawn('/bin/sleep', ['60'], { env, stdio: 'ignore' })
  planted.push(child)
  return child.pid ?? assert.fail('sleep did not start')
}

const ours = async () => (await labProcesses()).filter((one) => one.run === run)

describe('what holds the machines of a lab', () => {
  it('is known by its environment: run, lab, machine and owner', async () => {
    const owner = await thisProcess()
    const pid = plant(marksOf({ run, lab: 'lab-1', owner }, 'hub'))
    assert.deepEqual(await ours(), [{ pids: [pid], run, lab: 'lab-1', machine: 'hub', owner }])
  })

  it('is one thing, of however many processes; machines of one name in two labs are two', async () => {
    const owner = await thisProcess()
    const marks = (lab: string) => marksOf({ run, lab, owner }, 'compute-1')
    const first = [plant(marks('lab-1')), plant(marks('lab-1'))]
    const second = [plant(marks('lab-2'))]
    const found = (await ours()).map(({ lab, pids }) => [lab, pids.toSorted((a, b) => a - b)])
    assert.deepEqual(found.sort(), [
      ['lab-1', first.sort((a, b) => a - b)],
      ['lab-2', second],
    ])
  })

  it('may bear no readable owner, and is nothing else of a run', async () => {
    const pid = plant({ ...marksOf({ run, lab: 'lab-1', owner: await thisProcess() }, 'hub'), DR_DRILL_OWNER: 'x' })
    plant({ DR_DRILL_RUN: run })
    assert.deepEqual(
      (await ours()).map(({ pids, owner }) => [pids, owner]),
      [[[pid], undefined]],
    )
  })
})
