import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { LocalShell } from '../shell/local.ts'
import { contentDigestKey, metadataValue } from '../target/record-files.ts'
import { createTarget } from './create.ts'
import { readShape } from './read-shape.ts'
import { type ImageOnTarget, imagesOn, stateOf } from './target.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'target-'))
after(() => rmSync(folder, { recursive: true }))

test('every image with data reads as its record says', { timeout: 300_000 }, async () => {
  const asked = { workloads: 2, vms: 1, disks: '1-2', snapshots: 5, keep: 4, fullEvery: 4, diskSize: '1GiB-2GiB' }
  const shapes = { addedDisks: 1, imageBooted: 1, encrypted: 1, deleted: 1, upgradeAfter: 3, upgradeTo: '4.2' }
  const shape = readShape(undefined, { ...asked, ...shapes })
  const directory = join(folder, 'with data')
  const {
    secretsFolder = '',
    images: count,
    originPaths,
  } = await createTarget({ directory, shape, dataBy: new LocalShell() })
  const [secretId = ''] = readdirSync(secretsFolder)
  const images = imagesOn(directory)
  assert.equal(images.length, count)
  const byId = new Map(images.map((image) => [image.row.id, image]))
  const parentOf = (row: ImageOnTarget['row']) => byId.get(row.vm_disk_resource_snap_backing_id ?? '')
  const graphOf = ({ path, row, header }: ImageOnTarget): object => {
    const parent = parentOf(row)
    const key = header?.encryption === 'luks' ? { 'encrypt.key-secret': 's' } : {}
    const file = { driver: 'file', filename: join(directory, path) }
    return { driver: 'qcow2', ...key, file, backing: parent === undefined ? null : graphOf(parent) }
  }
  const disk = join(folder, 'disk')
  const digests = new Set<string>()
  for (const image of images) {
    // The image is read through the real paths of its parents: it names them by the site's.
    assert.equal(image.parent?.path, parentOf(image.row)?.path)
    assert.ok(image.parent === undefined || originPaths.includes(image.parent.mountPath))
    assert.equal(image.keySecret !== undefined, image.header?.encryption === 'luks' && image.parent !== undefined)
    assert.equal(statSync(join(directory, image.path)).size, image.row.size)
    const object = ['--object', `secret,id=s,file=${join(secretsFolder, secretId)}`]
    const args = ['convert', ...object, '-O', 'raw', `json:${JSON.stringify(graphOf(image))}`, disk]
    const { status, stderr } = spawnSync('qemu-img', args, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const recorded = metadataValue(image.row, contentDigestKey)
    const digest = spawnSync('/usr/bin/python3', ['src/image/digest.py', disk], { encoding: 'utf8' }).stdout.split(
      ' ',
    )[0]
    assert.equal(digest, recorded, image.path)
    digests.add(String(recorded))
  }
  assert.equal(digests.size, images.length)
})

test('an incomplete replica with data has the records of a complete one', { timeout: 120_000 }, async () => {
  const asked = { workloads: 1, vms: 1, disks: 1, snapshots: 6, missing: 1, cutShort: 2, brokenRecords: 1 }
  const directory = join(folder, 'incomplete')
  const shape = readShape(undefined, { ...asked, diskSize: '1GiB' })
  await createTarget({ directory, shape, dataBy: new LocalShell() })
  const images = imagesOn(directory)
  const states = await Promise.all(images.map((image) => stateOf(directory, image)))
  assert.equal(states.filter((state) => state === 'missing').length, 1)
  assert.equal(states.filter((state) => state === 'truncated').length, 2)
  assert.equal(states.filter((state) => state === 'sound').length, 3)
  for (const { row } of images) assert.match(String(metadataValue(row, contentDigestKey)), /^[\da-f]{64}$/)
  assert.ok(images.every(({ row }) => Number(row.size) > 2 ** 20))
})

const tool = [process.execPath, 'src/cli/bin.ts', 'target', 'create'] as const
const small = ['--with-data', '--workloads', '1', '--vms', '1', '--disks', '1', '--snapshots', '2']

function makeTemporary(name: string): string {
  const temporary = join(folder, name)
  mkdirSync(temporary)
  return temporary
}

test('a missing need of images with data is reported before anything is created', () => {
  const directory = join(folder, 'refused')
  const deep = makeTemporary('deep')
  const tooDeep = join(deep, 'x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200), 'w'.repeat(200))
  mkdirSync(tooDeep, { recursive: true })
  const programs = makeTemporary('programs')
  for (const name of ['sh', 'setsid', 'env']) symlinkSync(`/usr/bin/${name}`, join(programs, name))
  const rows: readonly [
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    code: number,
    expected: RegExp,
  ][] = [
    [[directory, ...small, '--disk-size', '10MiB'], {}, 2, /diskSize: with data, a disk needs at least 1GiB/],
    [[directory, ...small, '--snapshots', '101'], {}, 2, /snapshots: with data, at most 100 are possible/],
    [[join(tooDeep, 'target'), ...small], {}, 2, /images with data need a path of at most \d+ bytes/],
    [[directory, ...small], { TMPDIR: makeTemporary('a "folder"') }, 2, /TMPDIR: /],
    [[directory, ...small], { PATH: programs }, 3, /need qemu-img and qemu-io, .*\n.*apt-get install .* qemu-utils/],
  ]
  for (const [args, env, code, expected] of rows) {
    const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const
    const { status, stderr } = spawnSync(tool[0], [...tool.slice(1), ...args], options)
    assert.deepEqual([status, expected.test(stderr)], [code, true], stderr)
  }
  assert.equal(existsSync(directory), false)
  assert.deepEqual(readdirSync(tooDeep), [])
})

test('an interrupted creation with data leaves nothing, nor in the folder for temporary files', {
  timeout: 60_000,
}, async () => {
  const temporary = makeTemporary('temporary')
  const inside = makeTemporary('interrupted')
  const args = [...tool.slice(1), join(inside, 'target'), '--with-data', '--workloads', '50', '--encrypted', '5']
  const creating = spawn(tool[0], args, { env: { ...process.env, TMPDIR: temporary }, stdio: 'ignore' })
  const ended = new Promise((resolve) => creating.once('exit', resolve))
  while (readdirSync(temporary).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  creating.kill('SIGINT')
  assert.equal(await ended, 130)
  assert.deepEqual([readdirSync(inside), readdirSync(temporary)], [[], []])
})

const canMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test('a creation with data fails on a full disk, whichever disk is full', {
  skip: !canMount && 'needs to mount',
  timeout: 60_000,
}, () => {
  const script = `
    mount -t tmpfs -o size=12m none "$0"
    mkdir "$0/there"
    code=0
    "$@" "$0/there" ${small.join(' ')} || code=$?
    TMPDIR=$0/there "$@" "$1.full" ${small.join(' ')} || code="$code $?"
    ls -A "$0/there"
    echo "codes $code"`
  const disk = makeTemporary('full')
  const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, disk, ...tool], { encoding: 'utf8' })
  assert.equal(stdout, 'codes 3 3\n', stderr)
  assert.equal(stderr.match(/cannot write \S+: the disk is full/g)?.length, 2, stderr)
})
