import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { headerModules, program } from '../../image/program.ts'
import { LocalShell } from '../../shell/local.ts'
import { python } from '../../shell/python.ts'
import { findImages, type HiddenPlace } from './find-images.ts'

const root = mkdtempSync(join(tmpdir(), 'find-images-'))
chmodSync(root, 0o755)
const remove = (path: string) => execFileSync('rm', ['-rf', '--', path])
after(() => remove(root))
const target = join(root, 'target')
const shell = new LocalShell()
const user = { uid: 65_534, gid: 65_534 }
const disk = (workload: string, snapshot: string) => `workload_${workload}/snapshot_${snapshot}/vm_id_1/vm_res_id_1_vda`
/** The image that something is done to, and the folders on the way to it. */
const victim = `${disk('1', '1')}/image`
const others = [`${disk('1', '2')}/image`, `${disk('2', '1')}/image`]
const folders = [1, 2, 3, 4].map((depth) => victim.split('/').slice(0, depth).join('/'))

/** The smallest header that QEMU accepts. */
function header(parent = '', encryption = 0): Buffer {
  const bytes = Buffer.alloc(1024)
  bytes.write('QFI\xfb', 0, 'latin1')
  bytes.writeUInt32BE(3, 4)
  bytes.writeBigUInt64BE(BigInt(parent === '' ? 0 : 512), 8)
  bytes.writeUInt32BE(Buffer.byteLength(parent), 16)
  bytes.writeUInt32BE(16, 20)
  bytes.writeUInt32BE(encryption, 32)
  bytes.writeUInt32BE(104, 100)
  bytes.write(parent, 512)
  return bytes
}

const at = (path: string) => join(target, path)

/** Makes a folder in a folder, and so on, deeper than any path can lead. The names are taken in turn. */
const nest = `import os, sys
path, depth, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
os.mkdir(path); os.chdir(path)
for number in range(depth):
    name = names[number % len(names)]
    os.mkdir(name); os.chdir(name)`

describe('the listing of images', {
  skip: process.getuid?.() !== 0 && 'needs root, to list as the product does',
}, () => {
  beforeEach(() => {
    for (const path of [victim, ...others]) {
      mkdirSync(dirname(at(path)), { recursive: true })
      writeFileSync(at(path), header())
    }
    writeFileSync(at('workload_1/workload_db'), '{"secret_uuid": "the-id"}')
    execFileSync('chmod', ['-R', 'a+rX', target])
  })
  afterEach(() => remove(target))

  const list = async () => {
    const { images, hidden, unread } = await findImages(shell, [target], { user })
    return { paths: images.map(({ path }) => path), hidden, unread, images }
  }
  const hiddenAt = (path: string, why: string, more: Partial<HiddenPlace> = {}) => ({
    target: 0,
    path,
    hidden: why,
    ...more,
  })

  it('has every image', async () => {
    assert.deepEqual(await list().then(({ paths, hidden, unread }) => ({ paths, hidden, unread })), {
      paths: [victim, ...others],
      hidden: [],
      unread: [],
    })
  })

  it('lists no copies and leftovers beside workloads, snapshots, VMs, disks and images', async () => {
    const id = '3c2fbee5-ad90-4448-b009-5047bcffc2ea'
    const whole = `workload_${id}/snapshot_${id}/vm_id_${id}/vm_res_id_${id}_vda/${id}`
    mkdirSync(dirname(at(whole)), { recursive: true })
    writeFileSync(at(whole), header())
    const parts = whole.split('/')
    const suffixes = ['.bak', ' (1)', '.old', '_copy', '.partial']
    for (const [depth, suffix] of suffixes.entries()) {
      const path = parts.slice(0, depth + 1).join('/')
      cpSync(at(path), at(`${path}${suffix}`), { recursive: true })
    }
    execFileSync('chmod', ['-R', 'a+rX', target])
    const { paths, hidden } = await list()
    assert.deepEqual([paths, hidden], [[victim, ...others, whole], []])
  })

  /** Each is done to one image, or a folder on the way to it. The two other images are listed as if nothing were wrong. */
  const harms: Readonly<Record<string, [harm: () => void, hidden: string, why: RegExp, inSameWorkload?: false]>> = {
    ...Object.fromEntries(
      folders.flatMap((folder, depth) => [
        [
          `a folder that the user may not read, at depth ${depth + 1}`,
          [
            () => chmodSync(at(folder), 0o700),
            folder,
            /^Permission denied \(EACCES\)$/,
            depth === 0 ? false : undefined,
          ],
        ],
        [
          `a symbolic link in place of a folder, at depth ${depth + 1}`,
          [
            () => {
              renameSync(at(folder), join(root, 'moved'))
              symlinkSync('nowhere', at(folder))
              remove(join(root, 'moved'))
            },
            folder,
            /^a symbolic link, which is not followed$/,
            depth === 0 ? false : undefined,
          ],
        ],
      ]),
    ),
    'a folder that the user may list, and not pass': [
      () => chmodSync(at(folders[3] ?? ''), 0o744),
      victim,
      /^Permission denied \(EACCES\)$/,
    ],
    'an image that the user may not read': [() => chmodSync(at(victim), 0), victim, /^Permission denied \(EACCES\)$/],
    'an image that is a link to itself': [
      replaced((path) => symlinkSync(basename(path), path)),
      victim,
      /^not a regular file$/,
    ],
    'a FIFO in place of an image': [replaced((path) => execFileSync('mkfifo', [path])), victim, /^not a regular file$/],
    'a socket in place of an image': [replaced(makeSocket), victim, /^not a regular file$/],
    'a device in place of an image': [
      replaced((path) => execFileSync('mknod', [path, 'c', '1', '5'])),
      victim,
      /^not a regular file$/,
    ],
    'an empty image': [replaced((path) => writeFileSync(path, '')), victim, /^not a qcow2 image$/],
    'text in place of an image': [
      replaced((path) => writeFileSync(path, 'x'.repeat(999))),
      victim,
      /^not a qcow2 image$/,
    ],
    'clusters of 2^255': [
      replaced((path) => writeFileSync(path, header().fill(255, 23, 24))),
      victim,
      /^damaged header: clusters/,
    ],
    'a parent that is not UTF-8': [
      replaced((path) =>
        writeFileSync(path, Buffer.from(header('/a/é/b').toString('latin1').replace('Ã©', '\xff\xfe'), 'latin1')),
      ),
      victim,
      /^the name of its parent is not UTF-8$/,
    ],
    'a parent without a name': [
      replaced((path) => writeFileSync(path, header('\0/a'))),
      victim,
      /^the name of its parent is empty$/,
    ],
  }

  function replaced(replace: (path: string) => void): () => void {
    return () => {
      rmSync(at(victim))
      replace(at(victim))
      if (!readlinkable(at(victim))) chmodSync(at(victim), 0o644)
    }
  }

  for (const [what, [harm, path, why, inSameWorkload]] of Object.entries(harms))
    it(`names ${what}, and has the other images`, async () => {
      harm()
      const { paths, hidden, unread } = await list()
      assert.deepEqual(paths, inSameWorkload === false ? others.slice(1) : others)
      assert.deepEqual(
        hidden.map((one) => one.path),
        [path],
      )
      const [{ hidden: reason, isImage }] = hidden as [HiddenPlace]
      assert.match(reason, why)
      assert.equal(isImage === true, path === victim)
      assert.deepEqual(unread, [`${at(path)}: ${reason}`])
    })

  describe('of a target with folders that are nested deeply', () => {
    const deep = new Map<string, string>([
      ['1,500 folders that are named like those of the product', join(root, 'deep-1500')],
      ['10,000 folders', join(root, 'deep-10000')],
    ])
    before(() => {
      const names = ['snapshot_x', 'vm_id_x', 'vm_res_id_x_x', 'workload_x']
      execFileSync('python3', ['-c', nest, join(root, 'deep-1500'), '1500', ...names])
      execFileSync('python3', ['-c', nest, join(root, 'deep-10000'), '10000', 'a'])
    })
    const names = ['workload_deep', 'snapshot_deep', 'vm_id_deep', 'vm_res_id_deep_vda', 'deep']
    for (const [what, tree] of deep)
      for (const [depth, name] of names.entries())
        it(`has every image, with ${what} at depth ${depth + 1}`, async () => {
          const place = join(target, folders[depth - 1] ?? '', name)
          renameSync(tree, place)
          const { paths, unread } = await list()
          renameSync(place, tree)
          assert.deepEqual([paths, unread], [[victim, ...others], []])
        })
  })

  it('lists names with any bytes, or names what has no text', async () => {
    const odd = ['new\nline', 'esc\x1b[2J', 'quote\'"\\', 'é-日-\u{1f600}', ' ', 'x'.repeat(255)]
    for (const name of odd) writeFileSync(join(dirname(at(victim)), name), header())
    const strange = Buffer.concat([Buffer.from(`${dirname(at(victim))}/`), Buffer.from([0x61, 0xff])])
    writeFileSync(strange, header())
    mkdirSync(Buffer.concat([Buffer.from(`${target}/workload_`), Buffer.from([0xfe])]))
    const { paths, hidden } = await list()
    assert.deepEqual(new Set(paths), new Set([victim, ...others, ...odd.map((name) => `${dirname(victim)}/${name}`)]))
    assert.deepEqual(
      hidden.map((one) => [one.path, one.hidden]),
      [
        ['workload_?', 'its name is not UTF-8'],
        [`${dirname(victim)}/a?`, 'its name is not UTF-8'],
      ],
    )
  })

  it('names a target that cannot be read, and one that is not there', async () => {
    chmodSync(target, 0o700)
    const gone = join(root, 'none')
    const { unread } = await findImages(shell, [target, gone, at(victim)], { user })
    assert.deepEqual(unread, [
      `${target}: Permission denied (EACCES)`,
      `${gone}: No such file or directory (ENOENT)`,
      `${at(victim)}: Permission denied (EACCES)`,
    ])
  })

  it('does not take an empty target for one without images', async () => {
    const empty = join(root, 'empty')
    mkdirSync(empty)
    const { hidden, unread } = await findImages(shell, [target, empty], { user })
    assert.deepEqual([hidden, unread], [[hiddenAt('', 'no image was found there', { target: 1, isGone: true })], []])
    remove(empty)
  })

  const gone = [folders[1], folders[3], victim]
  for (const path of gone)
    it(`goes on if ${path} is removed while it is read`, async () => {
      const source = readFileSync(new URL('./list_images.py', import.meta.url), 'utf8')
      // The folder is removed when the one above it has been read.
      const removes = `
import shutil
scan = os.scandir
def scandir(path):
    found = list(scan(path))
    if not isinstance(path, int) and os.path.normpath(path) == ${JSON.stringify(dirname(at(path ?? '')))}:
        shutil.rmtree(${JSON.stringify(at(path ?? ''))}, ignore_errors=True)
        if os.path.lexists(${JSON.stringify(at(path ?? ''))}): os.unlink(${JSON.stringify(at(path ?? ''))})
    import contextlib
    return contextlib.nullcontext(found)
os.scandir = scandir
`
      const stdin = program({ ...headerModules, list_images: source + removes }, [target])
      const lines = (await shell.run(python, { stdin })).stdout.trimEnd().split('\n')
      const found = lines.map((line) => JSON.parse(line) as { path?: string; isGone?: boolean })
      assert.deepEqual(
        found.map((one) => [one.path, one.isGone]).filter(([one]) => one !== undefined),
        [[path, true], ...others.map((other) => [other, undefined])],
      )
    })

  for (const bit of [4, 4 | 8, 0xff])
    it(`names an image with its data in an external file, by the feature bits ${bit}`, async () => {
      const bytes = header('/a/workload_1/b')
      bytes.writeBigUInt64BE(BigInt(bit), 72)
      writeFileSync(at(victim), bytes)
      const { paths, unread, images, hidden } = await list()
      assert.deepEqual(paths, [victim, ...others])
      assert.deepEqual(unread, [`${at(victim)}: its data is in an external file, which is not opened`])
      assert.deepEqual([images[0]?.hasDataFile, images[0]?.parent, hidden], [true, '/a/workload_1/b', []])
    })

  describe('of an encrypted image', () => {
    beforeEach(() => {
      writeFileSync(at(victim), header('', 2))
      chmodSync(at(victim), 0o644)
    })
    const secretOf = async () => {
      const { images, unread } = await list()
      return [images.find(({ path }) => path === victim)?.secretId, unread.map((one) => one.replace(`${target}/`, ''))]
    }
    const record = at('workload_1/workload_db')

    it('has the secret in the record of its workload', async () => {
      assert.deepEqual(await secretOf(), ['the-id', []])
    })
    const unreadable: Readonly<Record<string, [() => void, string]>> = {
      'that the user may not read': [() => chmodSync(record, 0), 'Permission denied (EACCES)'],
      'that is missing': [() => rmSync(record), ''],
      'that is a FIFO': [
        () => {
          rmSync(record)
          execFileSync('mkfifo', [record])
        },
        'not a regular file',
      ],
      'that is a link to itself': [
        () => {
          rmSync(record)
          symlinkSync('workload_db', record)
        },
        'not a regular file',
      ],
    }
    for (const [what, [harm, why]] of Object.entries(unreadable))
      it(`has no secret by a record ${what}, and says so unless it is missing`, async () => {
        harm()
        assert.deepEqual(await secretOf(), [undefined, why === '' ? [] : [`workload_1/workload_db: ${why}`]])
      })
  })
})

function makeSocket(path: string): void {
  const bind =
    'import os, socket, sys\nos.chdir(os.path.dirname(sys.argv[1]))\nsocket.socket(socket.AF_UNIX).bind(os.path.basename(sys.argv[1]))'
  execFileSync('python3', ['-c', bind, path])
}

function readlinkable(path: string): boolean {
  return readdirSync(dirname(path), { withFileTypes: true }).some(
    (one) => one.name === basename(path) && one.isSymbolicLink(),
  )
}
