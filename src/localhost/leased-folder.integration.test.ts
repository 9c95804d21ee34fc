import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { until } from '../concurrency/deadline.ts'
import { labFolders, removal, removeLabFolder } from './lab-folder.ts'
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

  it('may be at a place of its own, and whoever moves it away keeps it', async () => {
    const place = join(tmpdir(), `${run}-place`)
    const folder = await LeasedFolder.at(place)
    await writeFile(join(folder.path, 'disk'), 'data')
    await rename(place, `${place}-kept`)
    await folder[Symbol.asyncDispose]()
    assert.equal(existsSync(join(`${place}-kept`, 'disk')), true)
    await rm(`${place}-kept`, { recursive: true })
  })

  it('is gone although its owner was killed with others at work in it', async () => {
    await using folder = await LeasedFolder.make({ run, lab: 'busy', owner: await thisProcess() })
    const busy = 'while mkdir -p "$1/a" 2>/dev/null && : >"$1/a/$((n += 1))"; do [ $n -lt 3000 ] || exit; done'
    const other = spawn('/bin/sh', ['-c', busy, 'sh', folder.path])
    const ended = once(other, 'exit')
    await folder[Symbol.asyncDispose]()
    other.kill('SIGKILL')
    await ended
    await removeLabFolder(folder.path)
    assert.equal(existsSync(folder.path), false)
  })

  it('leaves alone what is mounted in it', { skip: process.getuid?.() !== 0 && 'needs root, to mount' }, async () => {
    await using folder = await LeasedFolder.make({ run, lab: 'mounted', owner: await thisProcess() })
    const [place, elsewhere] = [join(folder.path, 'mounted'), join(tmpdir(), `${run}-elsewhere`)]
    await mkdir(place)
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'precious'), 'data')
    // Removing is what would be wrong: seen in a namespace of its own, it cannot harm anything.
    const script = `mount -t tmpfs none "$2" && : >"$2/precious" && mount --bind "$2" "$1/mounted" || exit 9
      /bin/sh -c "$3" sh "$1" & sleep 1.5; kill $!; [ -e "$2/precious" ]`
    const { status } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', folder.path, elsewhere, removal])
    assert.equal(status, 0)
    await folder[Symbol.asyncDispose]()
    await rm(elsewhere, { recursive: true })
  })

  it('is known when its owner was killed before it could say so, after a while', async () => {
    const path = join(tmpdir(), `dr-drill-lab-${run}.half`)
    await mkdir(path)
    try {
      const known = async () => (await labFolders()).filter((one) => one.path === path)
      assert.deepEqual(await known(), [])
      const before = new Date(Date.now() - 120_000)
      await utimes(path, before, before)
      assert.deepEqual(await known(), [{ path, run }])
    } finally {
      await rm(path, { recursive: true })
    }
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
    await until('the folder to be removed', async () => !existsSync(path) || undefined, { deadlineMs: 10_000 })
  })
})
