import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { until } from '../concurrency/deadline.ts'
import { listLabFolders, removalScript, removeLabFolder } from './lab-folder.ts'
import { LeasedFolder } from './leased-folder.ts'
import { thisProcess } from './process-identity.ts'

const run = `leased-${process.pid}`

describe('a leased folder', () => {
  it('is listed with its owner, and removed on disposal', async () => {
    const folder = await LeasedFolder.make({ run, lab: 'a', owner: await thisProcess() })
    await writeFile(join(folder.path, 'disk'), 'data')
    const [known] = (await listLabFolders()).filter((one) => one.run === run)
    assert.deepEqual(known, { path: folder.path, run, owner: await thisProcess() })
    await folder[Symbol.asyncDispose]()
    assert.equal(existsSync(folder.path), false)
  })

  it('may have any path; its contents survive a rename', async () => {
    const place = join(tmpdir(), `${run}-place`)
    const folder = await LeasedFolder.at(place)
    await writeFile(join(folder.path, 'disk'), 'data')
    await rename(place, `${place}-kept`)
    await folder[Symbol.asyncDispose]()
    assert.equal(existsSync(join(`${place}-kept`, 'disk')), true)
    await rm(`${place}-kept`, { recursive: true })
  })

  it('is removed while another process writes to it', async () => {
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

  it('is removed without the contents of a file system that is mounted in it', {
    skip: process.getuid?.() !== 0 && 'needs root, to mount',
  }, async () => {
    await using folder = await LeasedFolder.make({ run, lab: 'mounted', owner: await thisProcess() })
    const [place, elsewhere] = [join(folder.path, 'mounted'), join(tmpdir(), `${run}-elsewhere`)]
    await mkdir(place)
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'precious'), 'data')
    // In a mount namespace of its own, a wrong removal harms nothing.
    const script = `mount -t tmpfs none "$2" && : >"$2/precious" && mount --bind "$2" "$1/mounted" || exit 9
      /bin/sh -c "$3" sh "$1" & sleep 1.5; kill $!; [ -e "$2/precious" ]`
    const { status } = spawnSync('unshare', [
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      folder.path,
      elsewhere,
      removalScript,
    ])
    assert.equal(status, 0)
    await folder[Symbol.asyncDispose]()
    await rm(elsewhere, { recursive: true })
  })

  it('without an owner file is listed after a minute, when its owner must have been killed', async () => {
    const path = join(tmpdir(), `dr-drill-lab-${run}.half`)
    await mkdir(path)
    try {
      const known = async () => (await listLabFolders()).filter((one) => one.path === path)
      assert.deepEqual(await known(), [])
      const before = new Date(Date.now() - 120_000)
      await utimes(path, before, before)
      assert.deepEqual(await known(), [{ path, run }])
    } finally {
      await rm(path, { recursive: true })
    }
  })

  it('must not exist before', async () => {
    await using _ = await LeasedFolder.make({ run, lab: 'b', owner: await thisProcess() })
    await assert.rejects(LeasedFolder.make({ run, lab: 'b', owner: await thisProcess() }), /EEXIST/)
  })

  it('is removed after its owner was killed', async () => {
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
