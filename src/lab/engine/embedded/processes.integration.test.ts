import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { thisProcess } from '../../../localhost/process-identity.ts'
import { labProcesses, marksOf } from './processes.ts'

const run = `processes-${process.pid}`
const marked: ChildProcess[] = []
afterEach(async () => {
  for (const child of marked.splice(0)) if (child.kill('SIGKILL')) await once(child, 'exit')
})

function startMarked(env: NodeJS.ProcessEnv): number {
  const child = spawn('/bin/sleep', ['60'], { env, stdio: 'ignore' })
  marked.push(child)
  return child.pid ?? assert.fail('sleep did not start')
}

const ours = async () => (await labProcesses()).filter((one) => one.run === run)

describe('labProcesses', () => {
  it('reads run, lab, machine and owner from the environment of a process', async () => {
    const owner = await thisProcess()
    const pid = startMarked(marksOf({ run, lab: 'lab-1', owner }, 'hub'))
    assert.deepEqual(await ours(), [{ pids: [pid], run, lab: 'lab-1', machine: 'hub', owner }])
  })

  it('groups the processes of a machine, and separates machines with the same name in two labs', async () => {
    const owner = await thisProcess()
    const marks = (lab: string) => marksOf({ run, lab, owner }, 'compute-1')
    const first = [startMarked(marks('lab-1')), startMarked(marks('lab-1'))]
    const second = [startMarked(marks('lab-2'))]
    const found = (await ours()).map(({ lab, pids }) => [lab, pids.toSorted((a, b) => a - b)])
    assert.deepEqual(found.sort(), [
      ['lab-1', first.sort((a, b) => a - b)],
      ['lab-2', second],
    ])
  })

  it('accepts an unreadable owner, and ignores other processes of a run', async () => {
    const pid = startMarked({
      ...marksOf({ run, lab: 'lab-1', owner: await thisProcess() }, 'hub'),
      DR_DRILL_OWNER: 'x',
    })
    startMarked({ DR_DRILL_RUN: run })
    assert.deepEqual(
      (await ours()).map(({ pids, owner }) => [pids, owner]),
      [[[pid], undefined]],
    )
  })
})
