import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { DrillError } from '../errors.ts'
import { createTarget } from './create.ts'
import { readShape } from './read-shape.ts'
import { contentsOf } from './target.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'target-'))
after(() => rmSync(folder, { recursive: true }))

async function create(asked: Readonly<Record<string, unknown>>, directory: string) {
  return await createTarget({ directory, shape: readShape(undefined, asked) })
}

test('an empty folder is filled, and a folder with anything in it is left as it is', async () => {
  const directory = join(folder, 'empty')
  mkdirSync(directory)
  await create({ workloads: 1 }, directory)
  const before = contentsOf(directory)
  assert.ok(Object.keys(before).length > 10)
  assert.ok(!readdirSync(directory).some((name) => name.startsWith('.')))
  await assert.rejects(create({ workloads: 1 }, directory), { message: `${directory} is not empty`, remedy: newFolder })
  assert.deepEqual(contentsOf(directory), before)
})

const newFolder = 'Name a folder that does not exist yet, or an empty one.'
writeFileSync(join(folder, 'file'), 'mine')
symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
mkdirSync(join(folder, 'unfinished', '.unfinished.0123abcd'), { recursive: true })
mkdirSync(join(folder, 'full'))
writeFileSync(join(folder, 'full', 'a file'), 'mine')

const wrongPaths: readonly [name: string, problem: RegExp, remedy: string][] = [
  ['file', /\/file is not a folder$/, newFolder],
  ['full', /\/full is not empty$/, newFolder],
  ['link', /\/link is a symbolic link to a missing folder$/, newFolder],
  ['no/such', /\/no\/such: the folder \S+\/no does not exist$/, `mkdir -p ${join(folder, 'no')}`],
  ['file/inside', /\/file\/inside: \S+\/file is not a folder$/, 'Name a folder whose parent is a folder.'],
  [
    'unfinished',
    /\/unfinished holds an unfinished target/,
    `rm -rf ${join(folder, 'unfinished', '.unfinished.0123abcd')}`,
  ],
]
for (const [name, problem, remedy] of wrongPaths)
  test(`a target or its secrets at the wrong path ${name} are refused with a remedy`, async () => {
    const path = join(folder, name)
    const expected = { code: 'bad-input', message: problem, remedy }
    await assert.rejects(create({ encrypted: 1 }, path), expected)
    const directory = join(folder, 'not created')
    await assert.rejects(createTarget({ directory, shape: encrypted, secretsFolder: path }), expected)
    assert.deepEqual([existsSync(directory), existsSync(`${directory}.secrets`)], [false, false])
  })

const encrypted = readShape(undefined, { workloads: 2, encrypted: 2 })

test('secrets are written to a folder with one file for each, beside the target or as named', async () => {
  const [beside, empty] = [join(folder, 'beside'), join(folder, 'empty secrets')]
  mkdirSync(empty)
  const { secretsFolder } = await createTarget({ directory: beside, shape: encrypted })
  const named = await createTarget({ directory: join(folder, 'named'), shape: encrypted, secretsFolder: empty })
  assert.deepEqual([secretsFolder, named.secretsFolder], [`${beside}.secrets`, empty])
  assert.equal(readdirSync(empty).length, 2)
  assert.deepEqual(contentsOf(empty), contentsOf(`${beside}.secrets`))
})

test('secrets inside the target, or around it, are refused, also through a symbolic link', async () => {
  const directory = join(folder, 'around', 'target')
  mkdirSync(directory, { recursive: true })
  symlinkSync(directory, join(folder, 'around', 'link'))
  for (const secretsFolder of [directory, join(directory, 'secrets'), join(folder, 'around', 'link', 'secrets')])
    await assert.rejects(createTarget({ directory, shape: encrypted, secretsFolder }), {
      message: /must not contain each other$/,
      remedy: 'Name a folder beside the target with --secrets.',
    })
  assert.deepEqual(readdirSync(directory), [])
  const missing = join(folder, 'missing')
  const options = { directory: missing, shape: encrypted, secretsFolder: join(missing, 'secrets') }
  await assert.rejects(createTarget(options), { message: /must not contain each other$/ })
})

test('a folder for secrets is refused if no workload is encrypted', async () => {
  const options = { directory: join(folder, 'plain'), shape: readShape(undefined, {}) }
  await assert.rejects(createTarget({ ...options, secretsFolder: join(folder, 'plain.secrets') }), {
    code: 'bad-input',
    remedy: 'Add --encrypted 1, or leave out --secrets.',
  })
})

test('an interrupted creation leaves nothing', async () => {
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

test('a killed creation leaves nothing', { timeout: 60_000 }, async () => {
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

test('a creation on a full disk fails and leaves nothing', { skip: !canMount && 'needs to mount' }, () => {
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
  assert.match(stderr, /cannot write \S+: the disk is full; nothing of it was left/)
})

test('all files of a target belong to its owner', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
  const directory = join(folder, 'owned')
  await createTarget({ directory, shape: readShape(undefined, { workloads: 1 }), owner: { uid: 42_436, gid: 42_424 } })
  for (const path of ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) {
    const { uid, gid } = statSync(join(directory, path))
    assert.deepEqual([uid, gid], [42_436, 42_424], path)
  }
})
