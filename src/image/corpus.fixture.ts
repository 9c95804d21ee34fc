import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { persistently } from './luks.fixture.ts'

/** An image by qemu-img, and how to open it if its name is not enough. */
export interface Specimen {
  readonly name: string
  readonly path: string
  /** True if its content can be read into a raw file: it needs no secret and no missing file, and is not huge. */
  readonly isReadable: boolean
}

const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })

const data = (...commands: string[]) => commands.flatMap((command) => ['-c', command])
/** Data at the start, in the middle and at the end of 3 MiB, and a zeroed part. */
const someData = data(
  'write -q -P 1 0 70k',
  'write -q -P 2 1M 300k',
  'write -q -z 1100k 64k',
  'write -q -P 3 3000k 72k',
)

const created: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  'version 2': ['-o', 'compat=0.10'],
  'version 2, smallest clusters': ['-o', 'compat=0.10,cluster_size=512'],
  'version 3': ['-o', 'compat=1.1'],
  ...Object.fromEntries(
    Array.from({ length: 13 }, (_, index) => [
      `clusters of ${2 ** (index + 9)}`,
      ['-o', `cluster_size=${2 ** (index + 9)}`],
    ]),
  ),
  ...Object.fromEntries(
    ['16k', '64k', '256k', '2M'].map((size) => [
      `subclusters in ${size}`,
      ['-o', `extended_l2=on,cluster_size=${size}`],
    ]),
  ),
  ...Object.fromEntries([1, 2, 4, 8, 16, 32, 64].map((n) => [`refcounts of ${n}`, ['-o', `refcount_bits=${n}`]])),
  'subclusters, metadata': ['-o', 'extended_l2=on,preallocation=metadata'],
  zlib: ['-o', 'compression_type=zlib'],
  zstd: ['-o', 'compression_type=zstd'],
  'lazy refcounts': ['-o', 'lazy_refcounts=on'],
  metadata: ['-o', 'preallocation=metadata'],
  falloc: ['-o', 'preallocation=falloc'],
  full: ['-o', 'preallocation=full'],
}

/** Creates images with every creation option of qemu-img in an empty folder. */
export function makeCorpus(folder: string): readonly Specimen[] {
  const specimens: Specimen[] = []
  const add = (name: string, isReadable = true) => {
    const path = join(folder, name)
    specimens.push({ name, path, isReadable })
    return path
  }
  const make = (path: string, size: string, ...args: string[]) =>
    qemu('qemu-img', 'create', '-q', '-f', 'qcow2', ...args, path, size)
  const write = (path: string) => qemu('qemu-io', '-f', 'qcow2', ...someData, path)

  for (const [name, options] of Object.entries(created)) {
    make(add(name), '3M', ...options)
    write(join(folder, name))
  }
  const plain = join(folder, 'plain')
  make(add('empty'), '1G')
  make(add('no bytes'), '0')
  make(add('odd size'), '1000000001')
  make(add('64 TiB', false), '64T', '-o', 'cluster_size=2M')
  for (const type of ['zlib', 'zstd']) {
    const options = ['-c', '-O', 'qcow2', '-o', `compression_type=${type}`]
    qemu('qemu-img', 'convert', ...options, plain, add(`compressed by ${type}`))
    qemu(
      'qemu-img',
      'convert',
      ...options,
      '-o',
      'cluster_size=2M',
      plain,
      add(`compressed by ${type}, large clusters`),
    )
  }
  qemu('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', 'cluster_size=512', plain, add('compressed, small clusters'))
  qemu('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', 'extended_l2=on', plain, add('compressed, subclusters'))
  qemu('qemu-img', 'convert', '-O', 'qcow2', plain, add('converted'))
  make(add('external', false), '3M', '-o', `data_file=${join(folder, 'external.data')}`)
  make(add('external raw', false), '3M', '-o', `data_file=${join(folder, 'external.raw')},data_file_raw=on`)
  addEncrypted(add)
  addBacked(folder, plain, make, write, add)
  make(add('snapshots'), '3M')
  write(join(folder, 'snapshots'))
  for (const name of ['one', 'größe']) qemu('qemu-img', 'snapshot', '-c', name, join(folder, 'snapshots'))
  make(add('bitmaps'), '3M')
  for (const name of ['one', 'two']) qemu('qemu-img', 'bitmap', '--add', join(folder, 'bitmaps'), name)
  change(plain, add('corrupt'), 79, 2)
  change(plain, add('dirty'), 79, 1)
  // The extension with the backing format becomes an unknown one.
  const overlay = join(folder, 'overlay')
  change(overlay, add('no backing format'), readFileSync(overlay).indexOf(Buffer.from('e2792aca', 'hex')), 0x12)
  return specimens
}

function addEncrypted(add: (name: string, isReadable?: boolean) => string): void {
  for (const format of ['luks', 'aes']) {
    const options = `encrypt.format=${format},encrypt.key-secret=s${format === 'luks' ? ',encrypt.iter-time=10' : ''}`
    const path = add(`encrypted by ${format}`, false)
    persistently(() =>
      qemu('qemu-img', 'create', '-q', '-f', 'qcow2', '--object', 'secret,id=s,data=x', '-o', options, path, '3M'),
    )
  }
}

function addBacked(
  folder: string,
  plain: string,
  make: (path: string, size: string, ...args: string[]) => void,
  write: (path: string) => void,
  add: (name: string, isReadable?: boolean) => string,
): void {
  make(add('overlay'), '3M', '-b', plain, '-F', 'qcow2')
  write(join(folder, 'overlay'))
  make(add('relative'), '3M', '-b', 'plain', '-F', 'qcow2')
  make(add('version 2 overlay'), '3M', '-b', plain, '-F', 'qcow2', '-o', 'compat=0.10')
  const graph = { driver: 'qcow2', file: { driver: 'file', filename: plain } }
  make(add('json'), '3M', '-b', `json:${JSON.stringify(graph)}`, '-F', 'qcow2')
  const missing = { driver: 'qcow2', encrypt: { 'key-secret': 's' }, file: { driver: 'file', filename: '/none' } }
  make(add('json missing', false), '3M', '-u', '-b', `json:${JSON.stringify(missing)}`, '-F', 'qcow2')
  make(add('nbd', false), '3M', '-u', '-b', 'nbd://127.0.0.1/none', '-F', 'raw')
  make(add('longest name', false), '3M', '-u', '-b', `/${'n'.repeat(1022)}`, '-F', 'qcow2')
}

function change(from: string, to: string, at: number, value: number): void {
  const bytes = readFileSync(from)
  bytes[at] = value
  writeFileSync(to, bytes)
}
