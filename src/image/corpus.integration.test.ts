import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSource } from './byte-source.ts'
import { makeCorpus } from './corpus.fixture.ts'
import { type ImageHeader, parseHeader, readHeader } from './header.ts'
import { readSnapshots } from './snapshots.ts'
import { checkTables } from './tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'corpus-'))
after(() => rmSync(folder, { recursive: true }))
const corpus = makeCorpus(folder)

interface Info {
  readonly 'virtual-size': number
  readonly 'cluster-size': number
  readonly 'backing-filename'?: string
  readonly 'backing-filename-format'?: string
  readonly 'dirty-flag': boolean
  readonly encrypted?: boolean
  readonly snapshots?: readonly { readonly id: string; readonly name: string }[]
  readonly 'format-specific': { readonly data: Readonly<Record<string, unknown>> }
}

/** The output that `qemu-img info` would print. */
function asQemuSays(header: ImageHeader): object {
  const { features, version } = header
  const has = (kind: keyof typeof features, name: string) => features[kind].includes(name)
  return {
    'virtual-size': header.virtualSizeBytes,
    'cluster-size': header.clusterBytes,
    'backing-filename': header.backing?.name,
    'backing-filename-format': header.backingFormat,
    'dirty-flag': has('incompatible', 'dirty'),
    encryption: header.encryption,
    compat: version === 2 ? '0.10' : '1.1',
    'compression-type': header.compressionType,
    'refcount-bits': header.refcountBits,
    ...(version === 3 && {
      'lazy-refcounts': has('compatible', 'lazy refcounts'),
      corrupt: has('incompatible', 'corrupt'),
      'extended-l2': header.extendedL2,
    }),
    ...(header.externalDataFile !== undefined && {
      'data-file': header.externalDataFile,
      'data-file-raw': has('autoclear', 'raw external data'),
    }),
    bitmaps: has('autoclear', 'bitmaps') ? (header.bitmaps?.count ?? 0) : 0,
    snapshots: header.snapshots.count,
  }
}

function said(info: Info): object {
  const { encrypt, bitmaps, ...data } = info['format-specific'].data
  return {
    'virtual-size': info['virtual-size'],
    'cluster-size': info['cluster-size'],
    'backing-filename': info['backing-filename'],
    'backing-filename-format': info['backing-filename-format'],
    'dirty-flag': info['dirty-flag'],
    encryption: (encrypt as { format: string } | undefined)?.format ?? 'none',
    ...data,
    bitmaps: (bitmaps as unknown[] | undefined)?.length ?? 0,
    snapshots: info.snapshots?.length ?? 0,
  }
}

test('the header of every kind of image is read as qemu-img reports it, and its tables are sound', async (t) => {
  for (const { name, path } of corpus) {
    await t.test(name, async () => {
      const info = JSON.parse(
        execFileSync('qemu-img', ['info', '-f', 'qcow2', '--output=json', '--', path], { encoding: 'utf8' }),
      ) as Info
      await using source = await openSource(path)
      const header = await readHeader(source)
      assert.deepEqual(asQemuSays(header), said(info))
      assert.deepEqual(parseHeader(readFileSync(path).subarray(0, header.clusterBytes)), header)
      const snapshots = await Array.fromAsync(readSnapshots(source, header), ({ id, name }) => ({ id, name }))
      assert.deepEqual(
        snapshots,
        (info.snapshots ?? []).map(({ id, name }) => ({ id, name })),
      )
      if (header.externalDataFile === undefined) {
        const { verdict } = await checkTables(source, header, source.fileBytes)
        assert.equal(verdict, { corrupt: 'suspect', dirty: 'minor' }[name] ?? 'sound')
      } else await assert.rejects(checkTables(source, header, source.fileBytes), { problem: 'unsupported' })
    })
  }
})
