import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { mutationsOf } from './hostile-bytes.fixture.ts'
import { HeaderError, type ImageHeader, parseHeader } from './image/header.ts'
import { sparseImage } from './image/sparse-image.ts'

const folder = mkdtempSync(join(tmpdir(), 'python-readers-'))
after(() => rmSync(folder, { recursive: true }))
const rooms = ['image', 'recovery/mounts', 'recovery/fstab', 'recovery/images'].map((room) =>
  join(import.meta.dirname, room),
)
const program = join(import.meta.dirname, 'mutated-inputs.fixture.py')
const seconds = Number(process.env['DR_DRILL_FUZZ_SECONDS'] ?? 0)
const count = seconds > 0 ? seconds * 3000 : 4000
const start = seconds > 0 ? Date.now() : 20_261_129

type Seen = Readonly<Record<string, unknown>>

/** Gives inputs to a reader on a host. No input may end it with an exception that it does not document. */
function seenBy(reader: string, inputs: readonly Uint8Array[]): readonly Seen[] {
  const file = join(folder, reader)
  const parts = inputs.flatMap((input) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(input.length)
    return [length, input]
  })
  writeFileSync(file, Buffer.concat(parts))
  const code = `import sys; sys.path[:0] = ${JSON.stringify(rooms)}; sys.argv[:1] = []; exec(compile(open(sys.argv[0]).read(), sys.argv[0], 'exec'))`
  const argv = ['-I', '-S', '-B', '-X', 'utf8', '-c', code, program, reader, file]
  const stdout = execFileSync('/usr/bin/python3', argv, { encoding: 'utf8', maxBuffer: 2 ** 30 })
  const seen = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Seen)
  assert.equal(seen.length, inputs.length)
  for (const [nth, { error }] of seen.entries())
    assert.equal(error, undefined, `for ${inputs[nth]?.toString().slice(0, 2000)}`)
  return seen
}

const mutated = (seeds: readonly (string | Uint8Array)[], maxBytes: number, howMany = count): readonly Buffer[] =>
  mutationsOf(
    seeds.map((seed) => Buffer.from(seed)),
    start,
  )
    .filter(({ length }) => length > 0 && length <= maxBytes)
    .take(howMany)
    .toArray()

const clusterBytes = 4096

test('mutated headers have the same names of parents for programs on hosts as for dr-drill', () => {
  const seeds = [undefined, '/mounts/L2Fub3RoZXI=/workload_1/x', 'json:{"driver":"qcow2"}'].map((backingName) => {
    const { parts } = sparseImage({ virtualSizeBytes: 2 ** 20, ...(backingName !== undefined && { backingName }) })
    const bytes = Buffer.concat([parts[0]?.bytes ?? Buffer.alloc(0), Buffer.alloc(clusterBytes)])
    bytes.writeUInt32BE(Math.log2(clusterBytes), 20)
    return bytes.subarray(0, clusterBytes)
  })
  // A header that is cut is another case: a program on a host reads zeroes there, as QEMU does.
  const inputs = mutated(seeds, 10_000).filter(({ length }) => length >= clusterBytes)
  let agreed = 0
  for (const [nth, { name, format, refused }] of seenBy('header', inputs).entries()) {
    const input = inputs[nth] ?? Buffer.alloc(0)
    const about = `${refused}: ${input.subarray(0, 160).toString('hex')}`
    const header = headerOf(input)
    // What is too large for a number here, or not UTF-8, is refused in other places.
    if (header === undefined || /\ufffd/.test(`${header.backing?.name}${header.backingFormat}`)) continue
    agreed++
    assert.deepEqual(
      [refused, name, format],
      [undefined, header.backing?.name ?? null, header.backingFormat ?? null],
      about,
    )
  }
  assert.ok(agreed > 20, `${agreed}`)
})

function headerOf(bytes: Uint8Array): ImageHeader | undefined {
  try {
    return parseHeader(bytes)
  } catch (error) {
    assert.ok(error instanceof HeaderError, String(error))
    return undefined
  }
}

test('mutated names of parents lead programs on hosts to an absolute path, or are refused', () => {
  const names = [
    '/mounts/L2xvY2Fs/workload_1/snapshot_2/vm_id_3/vm_res_id_4_vda/5',
    'json:{"driver":"qcow2","file":{"driver":"file","filename":"/a"},"encrypt.key-secret":"x"}',
    "json:{'driver':'raw','file':{'driver':'raw','file.driver':'file','file.filename':'/b'}}",
    'file:/a/b',
    'nbd://127.0.0.1/x',
  ]
  // The longest name that a header can have.
  for (const { path, refused } of seenBy('parent', mutated(names, 1023)))
    assert.ok(refused !== undefined || (typeof path === 'string' && path.startsWith('/')), String(path))
})

test('sources, types and paths of mounts are read with any byte that the kernel shows', () => {
  const fields = mutated(['/a', 'fuse.sshfs', '10.20.2.20:/replica', '-', '\xff', ' \t\n\\#'], 300, 3 * count)
  const inputs = Array.from({ length: count }, (_, nth) => {
    const [point, type, source] = [0, 1, 2].map((part) => mangled(fields[3 * nth + part] ?? Buffer.alloc(0)))
    const line = `22 21 0:29 /${point} /${point} rw,nosuid shared:2 - fuse.${type} ${source} rw,user_id=0\n`
    return Buffer.from(`21 1 8:1 / / rw shared:1 - ext4 /dev/vda rw\n${line}`, 'latin1')
  })
  for (const { mounts } of seenBy('mounts', inputs)) assert.equal((mounts as unknown[]).length, 2)
})

/** As the kernel writes a field of mountinfo. */
const mangled = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .replaceAll(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)

test('mutated files of mounts and of workloads are read on hosts without an error', () => {
  const fstab =
    'UUID=1 / ext4 defaults 0 1\n10.20.2.20:/replica /mounts/L2xvY2Fs nfs soft 0 0\n/a\\040b /c none bind 0 0\n'
  seenBy('fstab', mutated([fstab], 100_000, count / 4))
  seenBy('secret', mutated(['{"id":"w","secret_uuid": "5ec2e700-0000-4000-8000-000000000000"}'], 100_000, count / 4))
})
