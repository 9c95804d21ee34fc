import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { parseHeader } from '../../image/header.ts'
import { persistently } from '../../image/luks.fixture.ts'
import { LocalShell } from '../../shell/local.ts'
import { type RebaseOptions, rebase } from './rebase.ts'
import { inverseRenames, planRebase, type Rename } from './renames.ts'

const isRoot = process.getuid?.() === 0
const shell = new LocalShell()
const user = isRoot ? { uid: 65_534, gid: 65_534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
const origin = '/nowhere/b3JpZ2lu'
const nameIn = (image: string) => parseHeader(readFileSync(image)).backing?.name ?? ''

describe('rebase of images', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rebase-'))
  const local = join(folder, 'mounts', 'bG9jYWw=')
  const image = (name: string) => join(local, 'workload_1', name)
  const options: RebaseOptions = { user, concurrency: 2 }
  let renames: readonly Rename[]

  before(() => chmodSync(folder, 0o755))
  after(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    rmSync(join(folder, 'mounts'), { recursive: true, force: true })
    mkdirSync(join(local, 'workload_1'), { recursive: true })
    make('full')
    make('first', 'full')
    make('second', 'first')
    renames = plan('first', 'second')
  })

  /** With a parent by a name that does not exist here, as of another site. */
  function make(name: string, parent?: string, ...args: string[]): void {
    const path = image(name)
    qemu('qemu-img', 'create', '-q', '-f', 'qcow2', ...args, path, '1M')
    qemu('qemu-io', '-f', 'qcow2', '-c', `write -q -P ${name.length} ${name.length * 65_536} 64k`, path)
    const backing = `${origin}/workload_1/${parent}`
    if (parent !== undefined) qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', backing, path)
    if (isRoot) chownSync(path, user.uid, user.gid)
  }

  function plan(...names: readonly string[]): readonly Rename[] {
    const images = names.map((name) => ({ path: image(name), backing: nameIn(image(name)) }))
    const { renames, refused } = planRebase(images, { local, origin })
    assert.deepEqual(refused, [])
    return renames
  }

  async function isRefused(why: RegExp, which = renames, its = options): Promise<void> {
    const names = which.map(({ path }) => readFileSync(path))
    const outcomes = await rebase(shell, which, its)
    const refused = outcomes.filter(({ state }) => state === 'refused')
    assert.match(refused.map((one) => one.why).join(), why)
    assert.deepEqual(
      outcomes.filter(({ state }) => state !== 'refused' && state !== 'ready'),
      [],
    )
    assert.deepEqual(
      which.map(({ path }) => readFileSync(path)),
      names,
    )
  }

  it('leads to parents that are there; taken back, the old names are there again', async () => {
    assert.throws(() => qemu('qemu-img', 'convert', '-O', 'raw', image('second'), join(folder, 'raw')))
    const progress: number[] = []
    const outcomes = await rebase(shell, renames, { ...options, onProgress: (done) => progress.push(done) })
    assert.deepEqual(outcomes, [
      { path: image('first'), state: 'done' },
      { path: image('second'), state: 'done' },
    ])
    assert.deepEqual(progress, [1, 2])
    qemu('qemu-img', 'convert', '-O', 'raw', image('second'), join(folder, 'raw'))
    const content = readFileSync(join(folder, 'raw'))
    for (const name of ['full', 'first', 'second']) assert.equal(content[name.length * 65_536], name.length)
    await rebase(shell, inverseRenames(renames), options)
    assert.equal(nameIn(image('second')), `${origin}/workload_1/first`)
    assert.equal(nameIn(image('first')), `${origin}/workload_1/full`)
  })

  it('goes on where it was interrupted', async () => {
    await rebase(shell, renames.slice(0, 1), options)
    const before = readFileSync(image('first'))
    assert.ok((await rebase(shell, renames, options)).every(({ state }) => state === 'done'))
    assert.deepEqual(readFileSync(image('first')), before)
  })

  it('takes back what there is to take back, each for itself, and from any name that it has had', async () => {
    make('third', 'second')
    const all = plan('first', 'second', 'third')
    assert.ok((await rebase(shell, all, options)).every(({ state }) => state === 'done'))
    const again = all.map(({ path, to }) => ({ path, from: to, to: `/elsewhere/${path.split('/').at(-1)}` }))
    // Rebased twice, and one of them taken back once.
    await rebase(shell, again.slice(0, 2), options)
    rmSync(image('second'))
    qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', image('full'), image('third'))
    const outcomes = await rebase(shell, inverseRenames([...all, ...again]), { ...options, isEach: true })
    assert.deepEqual(
      outcomes.map(({ path, state }) => [path, state]).sort(),
      [
        [image('first'), 'done'],
        [image('second'), 'gone'],
        [image('third'), 'changed'],
      ].sort(),
    )
    assert.equal(nameIn(image('first')), `${origin}/workload_1/full`)
    await isRefused(/its parent is named/, inverseRenames(all.slice(2)))
  })

  it('changes nothing when it is only asked', async () => {
    const before = readFileSync(image('second'))
    const outcomes = await rebase(shell, renames, { ...options, isOnlyChecked: true })
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ['ready', 'ready'],
    )
    assert.deepEqual(readFileSync(image('second')), before)
  })

  it('refuses a parent that is not there, or no image, for all of them', async () => {
    rmSync(image('full'))
    await isRefused(/No such file or directory: .*full/)
    writeFileSync(image('full'), 'garbage')
    await isRefused(/full: it is not a qcow2 image/)
  })

  it('refuses another name than was expected', async () => {
    await isRefused(
      /its parent is named \/nowhere\/.*full, not \/elsewhere/,
      renames.map((rename) => ({ ...rename, from: '/elsewhere' })),
    )
  })

  it('refuses a symbolic link, also to an image', async () => {
    rmSync(image('second'))
    symlinkSync(image('first'), image('second'))
    await isRefused(/symbolic links|is not a regular file/)
  })

  it('refuses what the owner may not write to', { skip: !isRoot && 'needs root' }, async () => {
    chownSync(image('second'), 0, 0)
    await isRefused(/user 65534 may not write to it/)
  })

  for (const [compat, most] of [
    ['0.10', 416],
    ['1.1', 376],
  ] as const)
    it(`knows how long a name may be in the smallest clusters of version ${compat}`, async () => {
      make('small', 'full', '-o', `cluster_size=512,compat=${compat}`)
      const rename = (bytes: number): readonly Rename[] => [
        { path: image('small'), from: nameIn(image('small')), to: `/${'x'.repeat(bytes - 1)}` },
      ]
      await isRefused(new RegExp(`room for a name of ${most} bytes, and the new one has ${most + 1}`), rename(most + 1))
      assert.deepEqual(await rebase(shell, rename(most), options), [{ path: image('small'), state: 'done' }])
      const [, tooLong] = ['', `/${'x'.repeat(most)}`]
      assert.throws(() => qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', tooLong, image('small')))
    })

  it('gives encrypted images, with their secret, names that keep all but the path', async () => {
    const secret = join(folder, 'secret')
    writeFileSync(secret, 'geheim')
    const objects = ['--object', `secret,id=s,file=${secret}`]
    const backing = `json:{"driver":"qcow2","encrypt.key-secret":"s","file":{"driver":"file","filename":"${origin}/workload_1/full"}}`
    const encrypted = ['-o', 'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10']
    persistently(() => qemu('qemu-img', 'create', '-q', '-f', 'qcow2', ...objects, ...encrypted, image('locked'), '1M'))
    const opened = ['--image-opts', `driver=qcow2,encrypt.key-secret=s,file.filename=${image('locked')}`]
    qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', backing, ...objects, ...opened)
    if (isRoot) chownSync(image('locked'), user.uid, user.gid)
    const images = [{ path: image('locked'), backing, secretId: 'vault-7' }]
    const { renames: locked } = planRebase(images, { local, origin })
    await isRefused(/the secret vault-7 is not at hand/, locked)
    const secrets = new Map([['vault-7', Buffer.from('geheim')]])
    assert.deepEqual(await rebase(shell, locked, { ...options, secrets }), [{ path: image('locked'), state: 'done' }])
    assert.equal(nameIn(image('locked')), backing.replace(origin, local))
    const wrong = new Map([['vault-7', Buffer.from('falsch')]])
    const [failed] = await rebase(shell, inverseRenames(locked), { ...options, secrets: wrong })
    assert.match(`${failed?.state} ${failed?.why}`, /failed .*Invalid password/)
  })
})
