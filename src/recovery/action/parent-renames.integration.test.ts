import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { parseHeader } from '../../image/header.ts'
import { persistently } from '../../image/luks.fixture.ts'
import { LocalShell } from '../../shell/local.ts'
import { renamesBetween } from '../strategy/rebase/plan-renames.ts'
import { inverseRenames, type ParentRename, type RenameOptions, renameParentNames } from './parent-renames.ts'

const isRoot = process.getuid?.() === 0
const shell = new LocalShell()
const user = isRoot ? { uid: 65_534, gid: 65_534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
const origin = '/nowhere/b3JpZ2lu'
const nameIn = (image: string) => parseHeader(readFileSync(image)).backing?.name ?? ''

describe('renaming the parents of images', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rebase-'))
  const local = join(folder, 'mounts', 'bG9jYWw=')
  const image = (name: string) => join(local, 'workload_1', name)
  const options: RenameOptions = { user, concurrency: 2 }
  let renames: readonly ParentRename[]

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

  /** Makes an image whose parent has a name of another site. */
  function make(name: string, parent?: string, ...args: string[]): void {
    const path = image(name)
    qemu('qemu-img', 'create', '-q', '-f', 'qcow2', ...args, path, '1M')
    qemu('qemu-io', '-f', 'qcow2', '-c', `write -q -P ${name.length} ${name.length * 65_536} 64k`, path)
    const backing = `${origin}/workload_1/${parent}`
    if (parent !== undefined) qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', backing, path)
    if (isRoot) chownSync(path, user.uid, user.gid)
  }

  function plan(...names: readonly string[]): readonly ParentRename[] {
    const images = names.map((name) => ({ path: image(name), backing: nameIn(image(name)) }))
    const { renames, refused } = renamesBetween(images, { local, origin })
    assert.deepEqual(refused, [])
    return renames
  }

  async function isRefused(why: RegExp, which = renames, its = options): Promise<void> {
    const names = which.map(({ path }) => readFileSync(path))
    const outcomes = await renameParentNames(shell, which, its)
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

  it('leads to existing parents, and its inverse restores the old names', async () => {
    assert.throws(() => qemu('qemu-img', 'convert', '-O', 'raw', image('second'), join(folder, 'raw')))
    const progress: number[] = []
    const outcomes = await renameParentNames(shell, renames, { ...options, onProgress: (done) => progress.push(done) })
    assert.deepEqual(outcomes, [
      { path: image('first'), state: 'done' },
      { path: image('second'), state: 'done' },
    ])
    assert.deepEqual(progress, [1, 2])
    qemu('qemu-img', 'convert', '-O', 'raw', image('second'), join(folder, 'raw'))
    const content = readFileSync(join(folder, 'raw'))
    for (const name of ['full', 'first', 'second']) assert.equal(content[name.length * 65_536], name.length)
    await renameParentNames(shell, inverseRenames(renames), options)
    assert.equal(nameIn(image('second')), `${origin}/workload_1/first`)
    assert.equal(nameIn(image('first')), `${origin}/workload_1/full`)
  })

  it('continues where it was interrupted, and changes nothing twice', async () => {
    await renameParentNames(shell, renames.slice(0, 1), options)
    const before = readFileSync(image('first'))
    assert.ok((await renameParentNames(shell, renames, options)).every(({ state }) => state.endsWith('done')))
    assert.deepEqual(readFileSync(image('first')), before)
  })

  it('is undone for each image that still has one of its new names, whatever became of the others', async () => {
    make('third', 'second')
    const all = plan('first', 'second', 'third')
    assert.ok((await renameParentNames(shell, all, options)).every(({ state }) => state === 'done'))
    const again = all.map(({ path, to }) => ({ path, from: to, to: `/elsewhere/${path.split('/').at(-1)}` }))
    // Renamed twice, and for one image undone once.
    await renameParentNames(shell, again.slice(0, 2), options)
    rmSync(image('second'))
    qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', image('full'), image('third'))
    const outcomes = await renameParentNames(shell, inverseRenames([...all, ...again]), {
      ...options,
      isBestEffort: true,
    })
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

  it('changes nothing as a dry run', async () => {
    const before = readFileSync(image('second'))
    const outcomes = await renameParentNames(shell, renames, { ...options, isDryRun: true })
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ['ready', 'ready'],
    )
    assert.deepEqual(readFileSync(image('second')), before)
  })

  it('refuses all images if one parent does not exist or is not an image', async () => {
    rmSync(image('full'))
    await isRefused(/No such file or directory: .*full/)
    writeFileSync(image('full'), 'garbage')
    await isRefused(/full: not a qcow2 image/)
  })

  it('refuses an image whose parent has another name than expected', async () => {
    await isRefused(
      /its parent is named \/nowhere\/.*full, not \/elsewhere/,
      renames.map((rename) => ({ ...rename, from: '/elsewhere' })),
    )
  })

  it('refuses an image, and a parent, whose data is in an external file', async () => {
    make('third', 'second', '-o', `data_file=${join(folder, 'elsewhere')}`)
    await isRefused(/keeps its data in an external file/, plan('third'))
    make('fourth', 'third')
    await isRefused(/the parent .*third: keeps its data in an external file/, plan('fourth'))
  })

  it('refuses images whose new names lead back to them', async () => {
    make('self', 'self')
    await isRefused(/its chain returns to it/, plan('self'))
    make('one', 'two')
    make('two', 'one')
    await isRefused(/its chain returns to it,its chain returns to it/, plan('one', 'two'))
  })

  it('refuses a symbolic link, also one to an image', async () => {
    rmSync(image('second'))
    symlinkSync(image('first'), image('second'))
    await isRefused(/symbolic links|not a regular file/)
  })

  it('refuses an image that its owner cannot write to', { skip: !isRoot && 'needs root' }, async () => {
    chownSync(image('second'), 0, 0)
    await isRefused(/user 65534 has no permission to write to it/)
  })

  for (const [compat, max] of [
    ['0.10', 416],
    ['1.1', 376],
  ] as const)
    it(`knows the longest name that fits the smallest clusters of version ${compat}`, async () => {
      make('small', 'full', '-o', `cluster_size=512,compat=${compat}`)
      const rename = (bytes: number): readonly ParentRename[] => [
        { path: image('small'), from: nameIn(image('small')), to: `/${'x'.repeat(bytes - 1)}` },
      ]
      await isRefused(
        new RegExp(`the new name has ${max + 1} bytes, and the header has room for ${max}`),
        rename(max + 1),
      )
      assert.deepEqual(await renameParentNames(shell, rename(max), options), [{ path: image('small'), state: 'done' }])
      const [, tooLong] = ['', `/${'x'.repeat(max)}`]
      assert.throws(() => qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', tooLong, image('small')))
    })

  it('changes only the path in the json: names of encrypted images, and needs their secret', async () => {
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
    const { renames: locked } = renamesBetween(images, { local, origin })
    await isRefused(/its secret vault-7 is missing/, locked)
    const secrets = new Map([['vault-7', Buffer.from('geheim')]])
    assert.deepEqual(await renameParentNames(shell, locked, { ...options, secrets }), [
      { path: image('locked'), state: 'done' },
    ])
    assert.equal(nameIn(image('locked')), backing.replace(origin, local))
    const wrong = new Map([['vault-7', Buffer.from('falsch')]])
    const [failed] = await renameParentNames(shell, inverseRenames(locked), { ...options, secrets: wrong })
    assert.match(`${failed?.state} ${failed?.why}`, /failed .*Invalid password/)
  })
})
