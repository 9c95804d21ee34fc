import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { until } from './deadline.ts'
import { labFolders } from './lab-folder.ts'
import { LeasedFolder } from './leased-folder.ts'
import { thisProcess } from './process-identity.ts'

const run = `leased-${process.pid}`

describe('a leased folder', () => {
  it('is known with its owner, and is gone when it is disposed of', async () => {
    const folder = await LeasedFolder.make({ run, lab: 'a', owner: await thisProcess() })
    await writeFile(join(folder.path, 'disk'), 'data')
    const [known] = (await labFolders()).filter((one) => one.run === run)
    assert.deepEqual(known, { path: folder.path, run, owner: await thisProcess() })
    await folder[Symbol.asyncDispose]()
    assert.equal(existsSync(folder.path), false)
  })

  it('is not one that is there already', async () => {
    await using _ = await LeasedFolder.make({ run, lab: 'b', owner: await thisProcess() })
    await assert.rejects(LeasedFolder.make({ run, lab: 'b', owner: await thisProcess() }), /EEXIST/)
  })

  it('is gone when its owner was killed', async () => {
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
    const program = `
      import { LeasedFolder } from ${module('./leased-folder.ts')}
      import { thisProcess } from ${module('./process-identity.ts')}
      const { path } = await LeasedFolder.make({ run: '${run}', lab: 'c', owner: await thisProcess() })
      console.log(path)
      setInterval(() => {}, 1000)`
    const args = ['--input-type=module', '-e', program]
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const path = String(await once(owner.stdout, 'data')).trim()
    assert.equal(existsSync(path), true)
    owner.kill('SIGKILL')
    await until('it is gone', async () => !existsSync(path) || undefined, { deadlineMs: 10_000 })
  })
})
