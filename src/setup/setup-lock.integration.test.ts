import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { lockSetup } from './setup-lock.ts'

describe('the setup lock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dr-drill-lock-'))
  after(() => rmSync(folder, { recursive: true }))

  it('makes a second setup wait, with a message, until the first has finished', async () => {
    const file = join(folder, 'state', 'setup.lock')
    const printed: string[] = []
    const first = await lockSetup(file, () => {})
    let isSecondIn = false
    const second = lockSetup(file, (line) => printed.push(line)).then((lock) => {
      isSecondIn = true
      return lock
    })
    await delay(600)
    assert.equal(isSecondIn, false)
    assert.deepEqual(printed, ['waiting for another setup to finish'])
    await first[Symbol.asyncDispose]()
    await (await second)[Symbol.asyncDispose]()
  })

  it('is released when its owner is killed', async () => {
    const file = join(folder, 'killed.lock')
    const module = JSON.stringify(new URL('./setup-lock.ts', import.meta.url).href)
    const code = `import(${module}).then((m) => m.lockSetup(${JSON.stringify(file)}, () => {})).then(() => console.log('in'))`
    const owner = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(owner.stdout, 'data')
    owner.kill('SIGKILL')
    const lock = await lockSetup(file, () => {})
    await lock[Symbol.asyncDispose]()
  })
})
