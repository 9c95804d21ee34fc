import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkHead, headLine, parseLine } from './assess/past/past-line.ts'
import { MountTable } from './assess/site/mount-table.ts'
import { readSite } from './assess/site/read-site.ts'
import { readShape } from './generate/read-shape.ts'
import { type Trial, tryReader } from './hostile-bytes.fixture.ts'
import { parseBackingName, withPath } from './image/backing-name.ts'
import { parseBitmapDirectory } from './image/bitmap-directory.ts'
import type { ByteSource } from './image/byte-source.ts'
import { checkEncryptionHeader } from './image/encryption-header.ts'
import { parseHeader, readHeader } from './image/header.ts'
import { luksHeader } from './image/luks-header.ts'
import { parseChain } from './image/qemu.ts'
import { readSnapshots } from './image/snapshots.ts'
import { sparseImage } from './image/sparse-image.ts'
import { checkTables } from './image/tables.ts'
import { parseInventory } from './inventory/parse-inventory.ts'
import { readJournal } from './journal/journal-file.ts'
import { parseTopology } from './lab/topology/topology.ts'
import { parseIdentity } from './localhost/process-identity.ts'
import { parseConfig } from './project/config.ts'
import { bindInFstab } from './recovery/fstab/bind-in-fstab.ts'
import { whyNotToAdd, withBind, withoutBind } from './recovery/fstab/block.ts'
import { bootVerdict } from './recovery/fstab/boot-verdict.ts'
import { tooOldFor, whyNotTried } from './recovery/node/qemu-version.ts'
import { loadPlan, savePlan } from './recovery/site/plan-file.ts'
import { plan } from './recovery/site/recovery-plan.fixture.ts'
import { openChangesIn, Records } from './recovery/site/recovery-records.ts'
import { answersIn } from './shell/answers.ts'
import { objectsIn } from './shell/host-objects.ts'
import { parseShareOrBucket } from './target/bucket.ts'
import { syntaxErrorIn } from './target/json-text.ts'
import { parseImagePath } from './target/layout.ts'
import { originOf } from './target/origin.ts'
import { readRecord } from './target/record-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'readers-'))
after(() => rmSync(folder, { recursive: true }))

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  async read(offset, lengthBytes) {
    return bytes.subarray(offset, offset + lengthBytes)
  },
})
const text = (read: (text: string) => unknown) => (bytes: Buffer) => read(bytes.toString('utf8'))
const bytewise = (read: (text: string) => unknown) => (bytes: Buffer) => read(bytes.toString('latin1'))
const inFile = (read: (path: string) => unknown) => (bytes: Buffer) => {
  const path = join(folder, 'file')
  writeFileSync(path, bytes)
  return read(path)
}

function imageBytes(more: { readonly isEncrypted?: boolean; readonly backingName?: string } = {}): Buffer {
  const { parts, fileBytes } = sparseImage({
    virtualSizeBytes: 2 ** 20,
    ...(more.backingName !== undefined && { backingName: more.backingName }),
    ...(more.isEncrypted && { luks: { ...luksHeader('secret', 'seed'), lengthBytes: 592 + 256_000 } }),
  })
  const bytes = Buffer.alloc(fileBytes)
  for (const { offset, bytes: part } of parts) bytes.set(part, offset)
  return bytes
}

const bytesOfImages = [
  imageBytes(),
  imageBytes({ isEncrypted: true }),
  imageBytes({ backingName: '/mounts/L2Fub3RoZXI=/workload_1/x' }),
]
const snapshots = (() => {
  const bytes = Buffer.alloc(4096)
  for (const [nth, at] of [0, 72].entries()) {
    bytes.writeBigUInt64BE(65_536n, at)
    bytes.writeUInt32BE(1, at + 8)
    bytes.writeUInt16BE(1, at + 12)
    bytes.writeUInt16BE(3, at + 14)
    bytes.writeUInt32BE(24, at + 36)
    bytes.write(`${nth}one`, at + 64)
  }
  return bytes
})()
const bitmaps = Buffer.from('0000000000010000000000010000000201100003000000006f6e650000000000', 'hex')

const savedPlan = join(folder, 'plan')
savePlan(savedPlan, plan)
const fstab = `UUID=1 / ext4 defaults 0 1
# a comment
10.20.2.20:/replica /mounts/L2xvY2Fs nfs nolock,soft,x-systemd.automount 0 0
/mounts/L2xvY2Fs /mounts/L29yaWdpbg== none bind,nofail,x-systemd.requires-mounts-for=/mounts/L2xvY2Fs 0 0
/a\\040b\t/c/../d none rbind,noauto 0 0
`
const bind = { local: '/mounts/L2xvY2Fs', origin: '/mounts/L29yaWdpbg==' }
const mountInfo = `21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 21 0:29 /sub /mounts/L2xvY2Fs rw shared:2 - nfs4 10.20.2.20:/replica rw,vers=4.2
32 21 0:29 /sub /mounts/L29yaWdpbg\\075= rw - nfs4 10.20.2.20:/replica rw
33 21 0:30 / /a\\040b rw master:1 - fuse.x  rw
`
const record = {
  workload_db: { id: 'w', name: 'n', status: 'available', created_at: '2026-01-01T00:00:00.000000', metadata: [] },
  snapshot_db: { id: 's', status: 'available', snapshot_type: 'full', size: 1, workload_id: 'w' },
  disk_db: [{ id: 'd', size: 1, vm_disk_resource_snap_backing_id: null, metadata: [{ key: 'k', value: 'v' }] }],
}
const names = [
  '/mounts/L2xvY2Fs/workload_1/snapshot_2/vm_id_3/vm_res_id_4_vda/5',
  'json:{"driver":"qcow2","file":{"driver":"file","filename":"/a"},"encrypt.key-secret":"x"}',
  "json:{'driver':'raw','file':{'driver':'raw','file.driver':'file','file.filename':'/b'}}",
  'nbd://127.0.0.1/x',
  'file:/a/b',
]
const site = `name: a
distribution: kolla
version: 4.3
shares: [ "10.20.2.20:/replica" ]
binds: [{ origin: /mounts/L2xvY2Fs, share: "10.10.2.20:/upstream" }]
`
const inventory = `sites:
  - name: recovery
    distribution: kolla
    version: "4.3"
    shares: ["10.20.2.20:/replica", "https://host:443/bucket"]
    user: stack
    service: { container: triliovault_datamover }
    nodes:
      - { name: appliance, role: appliance, address: 10.0.0.5, port: 2222, service: host }
      - &x { name: here, address: local, key: ~/.ssh/lab, sudo: never }
`
const sha = 'a'.repeat(64)
const past = `{"path":"workload_1/x","content":{"date":"2026-01-01T00:00:00.000Z","tool":"1","target":"/t","digest":"${sha}","virtualBytes":1},"findings":[{"date":"2026-01-01T00:00:00.000Z","tool":"1","target":"/t","depth":"tables","code":"damaged","state":"broken","path":"workload_1/x","why":"w"}]}`
const journal = `{"seq":1,"at":"2026-01-01T00:00:00.000Z","kind":"run","x":{}}
{"seq":2,"at":"2026-01-01T00:00:01.000Z","kind":"phase","phase":"recover"}
`
const recovery = `{"kind":"begun","format":"dr-drill recovery record 2","at":"2026-01-01T00:00:00.000Z","site":"recovery","purpose":"bind-mount"}
{"kind":"host","where":"recovery/a","host":"h"}
{"kind":"action","applied":{"where":"recovery/a","action":{"kind":"bind","local":"/l","origin":"/o"},"before":{},"inverse":{"kind":"unbind"}}}
{"kind":"done","where":"recovery/a","action":"bind"}
{"kind":"undone","where":"recovery/a","host":"h","left":[]}
`
const identity = '{"pid":1,"startTicks":"2","bootId":"b"}'

/** Every reader of bytes that come from a target, a host, or a file that someone may have changed. */
const readers: Readonly<Record<string, Trial>> = {
  'headers of images': {
    seeds: bytesOfImages.map((bytes) => bytes.subarray(0, 1536)),
    read: (bytes) => parseHeader(bytes),
  },
  'tables and refcounts of images': {
    seeds: bytesOfImages,
    read: async (bytes) => {
      const source = sourceOf(bytes)
      return await checkTables(source, await readHeader(source), bytes.length)
    },
  },
  'internal snapshots': {
    seeds: [snapshots],
    read: (bytes) => Array.fromAsync(readSnapshots(sourceOf(bytes), { snapshots: { count: 2, offset: 0 } })),
  },
  'directories of bitmaps': {
    seeds: [bitmaps],
    read: (bytes) => parseBitmapDirectory(bytes, { count: 1, clusterBytes: 65_536, virtualSizeBytes: 2 ** 30 }),
  },
  'LUKS headers': {
    seeds: [Buffer.from(luksHeader('secret', 'seed').bytes)],
    read: (bytes) =>
      checkEncryptionHeader(sourceOf(bytes), { encryptionHeader: { offset: 0, lengthBytes: 592 } }, bytes.length),
  },
  'names of parents': {
    seeds: names,
    read: text((name) => [parseBackingName(name), withPath(name, '/elsewhere'), originOf(name), parseImagePath(name)]),
  },
  'records of the product': {
    seeds: Object.values(record).map((one) => JSON.stringify(one)),
    read: (bytes) => {
      for (const kind of ['workload_db', 'snapshot_db', 'disk_db', 'network_db', 'workload_vms_db'] as const)
        readRecord(kind, bytes, kind)
      assert.equal(syntaxErrorIn(bytes.toString('utf8')) === undefined, isJson(bytes.toString('utf8')))
    },
  },
  'lines of fstab': {
    seeds: [fstab],
    read: bytewise((content) => {
      for (const isSystemd of [false, true]) {
        const file = { text: content, isSystemd }
        for (const one of [bind, { local: '/a b', origin: '/d' }]) {
          bootVerdict(file, one)
          bindInFstab(file, one)
          if (whyNotToAdd(content) === undefined) withoutBind(withBind(file, one), one)
        }
      }
    }),
  },
  'tables of mounts': {
    seeds: [mountInfo],
    read: text((content) => {
      const table = new MountTable(content)
      for (const path of ['/', bind.local, `${bind.origin}/x`])
        Object.values([table.shareAt(path), table.mountedAt(path), table.isLocal(path), table.pathsShowing(path)])
    }),
  },
  plans: { seeds: [readFileSync(savedPlan)], read: inFile(loadPlan) },
  'records of recoveries': {
    seeds: [recovery],
    read: (bytes) => {
      writeFileSync(join(folder, 'site.1.ndjson'), bytes)
      return openChangesIn(new Records(folder).read('site'))
    },
  },
  journals: { seeds: [journal], read: inFile(readJournal) },
  'records of assessments': {
    seeds: [past, headLine],
    read: text((line) => (line.includes('"format"') ? checkHead(line, 'x') : parseLine(line, 'x'))),
  },
  inventories: { seeds: [inventory], read: text((yaml) => parseInventory(yaml, 'hosts.yaml')) },
  'descriptions of sites': { seeds: [site], read: inFile(readSite) },
  topologies: {
    seeds: [readFileSync('fixtures/topologies/two-sites.yaml')],
    read: text((yaml) => parseTopology(yaml, 'lab.yaml')),
  },
  configurations: {
    seeds: [readFileSync('dr-drill.config.yaml')],
    read: text((yaml) => parseConfig(yaml, 'dr-drill.config.yaml')),
  },
  'shapes of targets': {
    seeds: ['workloads: 3\nvms: 1-2\ndiskSize: 1MiB-3MiB\n'],
    read: inFile((path) => readShape(path, {})),
  },
  shares: {
    seeds: ['10.20.2.20:/replica', 'https://host:443/bucket', '[fe80::1]:/a b'],
    read: text(parseShareOrBucket),
  },
  'output of programs on hosts': {
    seeds: ['welcome{ \n{"path":"/a","state":"directory","uid":0}\ndr-drill:owner={"by":"a"}\n'],
    read: text((stdout) => [objectsIn('host', stdout, { path: 'string' }), answersIn(stdout)]),
  },
  'chains by qemu-img': {
    seeds: ['[{"filename":"/a","virtual-size":1,"backing-filename":"/b"}]'],
    read: text(parseChain),
    mayThrow: (error) => error instanceof SyntaxError || error instanceof TypeError,
  },
  'versions by qemu-img': {
    seeds: ['qemu-img version 7.2.22 (Debian 1:7.2)'],
    read: text((line) => [tooOldFor(line, { LUKS: 1, zstd: 2 }), whyNotTried(line)]),
  },
  'owners of locks': { seeds: [identity], read: text(parseIdentity) },
}

function isJson(content: string): boolean {
  try {
    JSON.parse(content.startsWith('\ufeff') ? content.slice(1) : content)
    return true
  } catch {
    return false
  }
}

for (const [what, trial] of Object.entries(readers))
  test(`mutated ${what} are read or refused with the reason, in bounded time`, () => tryReader(trial))
