import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { DrillError, InputError } from '../errors.ts'
import { createTarget } from './create.ts'
import { readShape } from './read-shape.ts'
import { contentsOf } from './target.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'target-'))
after(() => rmSync(folder, { recursive: true }))

async function create(asked: Readonly<Record<string, unknown>>, directory: string) {
  return await createTarget({ directory, shape: readShape(undefined, asked) })
}

test('nothing is written over what is there, and an empty folder is filled', async () => {
  const directory = join(folder, 'there')
  mkdirSync(directory)
  await create({ workloads: 1 }, directory)
  const before = contentsOf(directory)
  assert.ok(Object.keys(before).length > 10)
  assert.ok(!readdirSync(directory).some((name) => name.startsWith('.')))
  await assert.rejects(create({ workloads: 1 }, directory), /is not empty/)
  assert.deepEqual(contentsOf(directory), before)
  const remedy = `rm -rf ${join(folder, 'killed', '.killed.0123abcd')}`
  mkdirSync(join(folder, 'killed', '.killed.0123abcd'), { recursive: true })
  await assert.rejects(create({}, join(folder, 'killed')), { code: 'bad-input', remedy })
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  await assert.rejects(create({}, join(folder, 'link')), /is a symbolic link to what is not there/)
  await assert.rejects(create({}, join(folder, 'no', 'such')), InputError)
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(create({}, join(folder, 'file')), InputError)
  writeFileSync(join(folder, 'beside.secrets.json'), 'mine')
  await assert.rejects(create({ encrypted: 1 }, join(folder, 'beside')), /beside\.secrets\.json: is there already/)
})

test('who interrupts it finds nothing', async () => {
  const inside = mkdtempSync(join(folder, 'interrupted-'))
  const interrupted = new AbortController()
  const creating = createTarget({
    directory: join(inside, 'target'),
    shape: readShape(undefined, { workloads: 1000, encrypted: 3 }),
    onProgress: () => interrupted.abort(new DrillError('interrupted', 'interrupted', 'interrupted')),
    signal: interrupted.signal,
  })
  await assert.rejects(creating, { code: 'interrupted' })
  assert.deepEqual(readdirSync(inside), [])
})

test('who kills it finds nothing either', { timeout: 60_000 }, async () => {
  for (const options of [
    ['--workloads', '5000'],
    ['--workloads', '20', '--with-data'],
  ]) {
    const [inside, temporary] = [mkdtempSync(join(folder, 'killed-')), mkdtempSync(join(folder, 'temporary-'))]
    const args = ['src/cli/bin.ts', 'target', 'create', join(inside, 'target'), ...options]
    const env = { ...process.env, TMPDIR: temporary }
    const creating = spawn(process.execPath, args, { env, stdio: 'ignore' })
    const watched = options.length > 2 ? temporary : inside
    while (readdirSync(watched).length === 0) await setTimeout(20)
    await setTimeout(300)
    creating.kill('SIGKILL')
    while (readdirSync(inside).length + readdirSync(temporary).length > 0) await setTimeout(50)
  }
})

const canMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test('a full disk ends it, and nothing half done is left', { skip: !canMount && 'needs to mount' }, () => {
  const disk = mkdtempSync(join(folder, 'disk-'))
  const script = `
    mount -t tmpfs -o size=1m none "$0"
    code=0
    "$1" src/cli/bin.ts target create "$0/target" --encrypted 1 || code=$?
    ls -A "$0"
    mkdir "$0/there"
    "$1" src/cli/bin.ts target create "$0/there" || code="$code $?"
    ls -A "$0/there"
    echo "codes $code"`
  const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, disk, process.execPath], {
    encoding: 'utf8',
  })
  assert.equal(stdout, 'codes 3 3\n', stderr)
  assert.match(stderr, /could not be written: the disk is full/)
})

test('what belongs to somebody else does so wholly', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
  const directory = join(folder, 'owned')
  await createTarget({ directory, shape: readShape(undefined, { workloads: 1 }), owner: { uid: 42_436, gid: 42_424 } })
  for (const path of ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) {
    const { uid, gid } = statSync(join(directory, path))
    assert.deepEqual([uid, gid], [42_436, 42_424], path)
  }
})
