import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseBackingName } from '../../image/backing-name.ts'
import { parseHeader } from '../../image/header.ts'
import { program, readerModules } from '../../image/program.ts'
import { observeChains } from '../../restore/observe-chains.ts'
import { LocalShell } from '../../shell/local.ts'
import { python } from '../../shell/python.ts'
import { findImages } from '../images/find-images.ts'

const folder = mkdtempSync(join(tmpdir(), 'parent-names-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))
const disk = 'workload_1/snapshot_1/vm_id_1/vm_res_id_1_vda'
const at = (name: string) => join(folder, disk, name)
const parent = `${folder}/workload_1/parent`

interface Bytes {
  readonly name?: Buffer | string
  /** In the header, if it is another one than that of `name`. */
  readonly nameBytes?: number
  /** Where the name is. */
  readonly offset?: number
  /** The header extensions, without their end. */
  readonly extensions?: readonly (readonly [type: number, content: Buffer | string, lengthBytes?: number])[]
  readonly version?: number
  readonly clusterBits?: number
  readonly headerBytes?: number
  /** Where the file ends. */
  readonly cutAt?: number
}

/** An image with everything in its header that QEMU requires, but for what is asked for. */
function imageOf({ name = '', version = 3, clusterBits = 16, extensions = [], ...odd }: Bytes): Buffer {
  const bytes = Buffer.alloc(262_144)
  const text = Buffer.from(name)
  const headerBytes = odd.headerBytes ?? (version === 2 ? 72 : 104)
  const offset = odd.offset ?? (text.length === 0 ? 0 : 1024)
  bytes.write('QFI\xfb', 0, 'latin1')
  bytes.writeUInt32BE(version, 4)
  bytes.writeBigUInt64BE(BigInt(offset), 8)
  bytes.writeUInt32BE(odd.nameBytes ?? text.length, 16)
  bytes.writeUInt32BE(clusterBits, 20)
  bytes.writeBigUInt64BE(1n << 20n, 24)
  bytes.writeUInt32BE(2 ** Math.max(0, 20 - 2 * clusterBits + 3), 36)
  bytes.writeBigUInt64BE(196_608n, 40)
  bytes.writeBigUInt64BE(65_536n, 48)
  bytes.writeUInt32BE(1, 56)
  bytes.writeUInt32BE(4, 96)
  bytes.writeUInt32BE(headerBytes, 100)
  let next = Math.min(headerBytes, 131_072)
  for (const [type, content, lengthBytes] of extensions) {
    bytes.writeUInt32BE(type, next)
    bytes.writeUInt32BE(lengthBytes ?? content.length, next + 4)
    bytes.set(Buffer.from(content), next + 8)
    next += 8 + Math.ceil(content.length / 8) * 8
  }
  if (offset < 262_144 - 2048) bytes.set(text, offset)
  return bytes.subarray(0, odd.cutAt)
}

const backingFormat = 0xe2_79_2a_ca
const nul = (...parts: string[]) => parts.join('\0')
const jsonName = (filename: string) => `json:{"driver":"qcow2","file":{"driver":"file","filename":"${filename}"}}`

/** Headers whose names end, begin or are encoded in unusual ways, and headers that QEMU refuses. */
const headers: Readonly<Record<string, Bytes>> = {
  plain: { name: parent },
  none: {},
  'a NUL at the end': { name: nul(parent, '') },
  'a NUL, and more': { name: nul(parent, '/junk') },
  'a NUL in the mount path': { name: nul(folder, '/workload_1/parent') },
  'a NUL in the last part': { name: nul(`${folder}/workload_1/par`, 'ent') },
  'a NUL at the start': { name: nul('', parent) },
  'only NULs': { name: nul('', '', '') },
  'no bytes at its place': { offset: 1024, nameBytes: 0 },
  'bytes and no place': { name: parent, offset: 0 },
  'a newline': { name: `${folder}/workload_1/a\nb` },
  'an escape sequence': { name: `${folder}/workload_1/\x1b[2J` },
  'bytes that are not UTF-8': { name: Buffer.from([...Buffer.from(`${folder}/workload_1/`), 0xff, 0xfe]) },
  'half a character': { name: Buffer.from([...Buffer.from(`${folder}/workload_1/`), 0xe2, 0x82]) },
  'an encoded surrogate': { name: Buffer.from([...Buffer.from(`${folder}/workload_1/`), 0xed, 0xa0, 0x80]) },
  'a replacement character': { name: `${folder}/workload_1/\ufffd` },
  'a byte order mark': { name: `\ufeff${folder}/workload_1/x` },
  'a character beyond 16 bits': { name: `${folder}/workload_1/\u{1f600}` },
  'JSON, and a NUL': { name: nul(jsonName(parent), 'x') },
  'JSON with an encoded NUL': { name: jsonName(`${parent}\\u0000x`) },
  'JSON with half a character': { name: jsonName(`${parent}\\ud800`) },
  'JSON that no dictionary can be': { name: 'json:{[]:1}' },
  'JSON with a list': { name: 'json:{"file":[1]}' },
  'deep JSON': { name: `json:${'{"a":'.repeat(150)}1${'}'.repeat(150)}` },
  'brackets without an end': { name: `json:${'['.repeat(1000)}` },
  'the longest name': { name: `/${'x'.repeat(1022)}` },
  'a name that is too long': { name: `/${'x'.repeat(1023)}` },
  'a name of 100,000 bytes': { name: `/${'x'.repeat(99_999)}` },
  'a name of 4 GiB': { name: parent, nameBytes: 2 ** 32 - 1 },
  'a name up to the end of the cluster': { name: '/'.repeat(64), offset: 65_536 - 64 },
  'a name beyond the cluster': { name: '/'.repeat(64), offset: 65_536 - 63 },
  'a name far beyond the file': { name: parent, offset: 2 ** 40 },
  'a name behind the first 4096 bytes': { name: nul(parent, 'x'), offset: 8192 },
  'a file that ends in the name': { name: parent, cutAt: 1034 },
  'a file that ends in the header': { name: parent, cutAt: 60 },
  'a file that ends after the magic': { cutAt: 4 },
  'an empty file': { cutAt: 0 },
  'version 2': { version: 2, name: nul(parent, 'x') },
  'version 1': { version: 1, name: parent },
  'version 4': { version: 4, name: parent },
  'clusters of 2^8': { clusterBits: 8, name: parent },
  'clusters of 2^22': { clusterBits: 22, name: parent },
  'clusters of 2^4294967295': { clusterBits: 2 ** 32 - 1, name: parent },
  'a short header': { headerBytes: 100, name: parent },
  'a header up to the name': { headerBytes: 1024, name: parent },
  'a header over the name': { headerBytes: 2048, name: parent },
  'a huge header': { headerBytes: 65_536, name: parent },
  'a header of 4 GiB': { headerBytes: 2 ** 32 - 8, name: parent },
  'a format with a NUL': { extensions: [[backingFormat, 'qcow2\0xx']], name: parent },
  'a format of 15 bytes': { extensions: [[backingFormat, 'qcow2'.padEnd(15, '\0')]], name: parent },
  'a format of 16 bytes': { extensions: [[backingFormat, 'qcow2'.padEnd(16, '\0')]], name: parent },
  'an extension without a meaning': { extensions: [[0x12_34_56_78, 'x'.repeat(300)]], name: parent },
  'an extension over the name': { extensions: [[0x12_34_56_78, 'x', 2000]], name: parent },
  'an extension of 4 GiB': { extensions: [[0x12_34_56_78, 'x', 2 ** 32 - 1]], name: parent },
  'an end with a length': { extensions: [[0, '', 16]], name: parent },
  'an end with too great a length': { extensions: [[0, '', 4000]], name: parent },
}

/** What one reader sees: a name, no name, or nothing because it refuses the header. */
type Reading = { readonly name: string | undefined } | 'refused'

const ofChain = `import os, json_text, image_chain
def main(paths):
    for path in paths:
        fd = os.open(path, os.O_RDONLY)
        header = image_chain.parse(fd, os.pread(fd, 4096, 0), path)
        os.close(fd)
        if header and header.name:
            # A name that no program may follow is refused, and ends nothing else.
            try:
                image_chain.parent(header, path)
            except image_chain.Refused:
                pass
        print(json_text.dumps({"path": path, "isRefused": header is None, "name": (header.name or None) if header else None}))
`

describe('the name of a parent', { skip: spawnSync('qemu-img').error && 'needs qemu-img' }, () => {
  const shell = new LocalShell()
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const names = Object.keys(headers)
  const readers = new Map<string, (name: string) => Reading>()

  before(async () => {
    mkdirSync(at(''), { recursive: true })
    for (const [name, bytes] of Object.entries(headers)) writeFileSync(at(name), imageOf(bytes))
    readers.set('assess', (name) => {
      try {
        return { name: parseHeader(readFileSync(at(name))).backing?.name }
      } catch {
        return 'refused'
      }
    })

    const stdin = program({ ...readerModules, of_chain: ofChain }, names.map(at))
    const lines = (await shell.run(python, { stdin })).stdout.trimEnd().split('\n')
    const ofChains = new Map(lines.map((line) => [JSON.parse(line).path, JSON.parse(line)]))
    readers.set('restores', (name) => {
      const { isRefused, name: found } = ofChains.get(at(name))
      return isRefused ? 'refused' : { name: found ?? undefined }
    })

    const { images, hidden } = await findImages(shell, [folder], {})
    readers.set('plan', (name) => {
      const image = images.find(({ path }) => path === `${disk}/${name}`)
      const isHidden = hidden.some(({ path }) => path === `${disk}/${name}`)
      assert.notEqual(image === undefined, !isHidden, `${name} is listed once`)
      return image === undefined ? 'refused' : { name: image.parent }
    })

    const observed = await observeChains(shell, names.map(at), { user, roots: [folder] })
    readers.set('observation', (name) => {
      const [link] = observed.get(at(name))?.links ?? assert.fail(`nothing was observed of ${name}`)
      return link?.state === 'image' ? { name: link.backing } : 'refused'
    })
  })

  /** What QEMU reads, from its own report. */
  const qemu = (name: string): Reading => {
    const { status, stdout } = spawnSync('qemu-img', ['info', '-U', '--output=json', '-f', 'qcow2', at(name)])
    if (status !== 0) return 'refused'
    const text = stdout.toString('utf8')
    return { name: (JSON.parse(text) as { 'backing-filename'?: string })['backing-filename'] }
  }

  for (const name of names)
    it(`is what QEMU reads, or is refused, by every reader: ${name}`, () => {
      const right = qemu(name)
      for (const [reader, read] of readers) {
        const reading = read(name)
        if (reading === 'refused') continue
        assert.notEqual(right, 'refused', `${reader} reads what QEMU refuses`)
        // A name that is not UTF-8 has no text. A name without bytes is none.
        const text = (one: Reading) =>
          one === 'refused' ? '' : (one.name ?? '').replaceAll(/[?\uFFFD\uDC80-\uDCFF]+/g, '?')
        assert.equal(text(reading), text(right), reader)
      }
    })

  it('is refused by a reader where QEMU opens the image only if a part of it is lost', () => {
    const strict = new Map<string, readonly string[]>()
    for (const name of names) {
      if (qemu(name) === 'refused') continue
      const refusing = [...readers].flatMap(([reader, read]) => (read(name) === 'refused' ? [reader] : []))
      if (refusing.length > 0) strict.set(name, refusing)
    }
    assert.deepEqual(Object.fromEntries(strict), {
      // QEMU reads these without a parent, and a file up to its end as if zeroes followed.
      'a NUL at the start': ['plan'],
      'only NULs': ['plan'],
      'no bytes at its place': ['plan'],
      'a file that ends in the name': ['assess', 'plan'],
      // A plan is JSON, and has no text for these.
      'bytes that are not UTF-8': ['plan'],
      'half a character': ['plan'],
      'an encoded surrogate': ['plan'],
    })
  })

  it('is no name for an assessment if it is empty, although QEMU reads such an image without a parent', () => {
    for (const name of ['a NUL at the start', 'only NULs', 'no bytes at its place'])
      assert.equal(parseBackingName(parseHeader(readFileSync(at(name))).backing?.name ?? 'none').kind, 'invalid', name)
  })
})
