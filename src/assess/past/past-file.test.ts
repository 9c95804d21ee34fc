import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import type { PastImage } from '../judge/past-image.ts'
import { PastFile } from './past-file.ts'
import { refuseInside } from './refuse-inside.ts'

const folder = mkdtempSync(join(tmpdir(), 'past-file-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'record')
beforeEach(() => rmSync(file, { force: true, recursive: true }))

const digest = 'a'.repeat(64)
const imageAt = (name: string): PastImage => ({
  path: `workload_1/snapshot_1/vm_id_1/vm_res_id_${name}_vda/image`,
  content: {
    date: '2026-11-01T00:00:00.000Z',
    tool: '1',
    target: '/t',
    digest,
    virtualBytes: 1,
    file: { bytes: 2, writtenMs: 3.5, head: digest },
    chain: digest,
  },
  findings: [],
})

async function written(...images: readonly PastImage[]): Promise<readonly string[]> {
  await using past = await PastFile.open(file)
  for (const image of images) past.set(image.path, image)
  await past.save()
  return readFileSync(file, 'utf8').split('\n')
}

describe('the record of assessments', () => {
  it('returns what was saved, by image, folder and workload', async () => {
    const { path } = imageAt('b')
    const what = { depth: 'tables', code: 'damaged', state: 'broken', path, why: 'x' } as const
    const other = {
      path,
      findings: [{ date: '2026-11-01T00:00:00.000Z', tool: '1', target: '/t', ...what, chain: digest }],
    }
    await written(imageAt('a'), other)
    await using past = await PastFile.open(file)
    assert.deepEqual(past.of(imageAt('a').path), imageAt('a'))
    assert.deepEqual(past.of(other.path), other)
    assert.deepEqual(past.contentIn('workload_1/snapshot_1/vm_id_1/vm_res_id_a_vda'), imageAt('a').content)
    assert.equal(past.contentIn('workload_1/snapshot_1/vm_id_1/vm_res_id_b_vda'), undefined)
    assert.deepEqual(past.workloadIds, ['1'])
    assert.deepEqual(past.ofWorkload('1'), [imageAt('a'), other])
    past.set(other.path, undefined)
    assert.deepEqual(past.ofWorkload('1'), [imageAt('a')])
  })

  it('is the same, to the last byte, once it was read and saved again', async () => {
    const lines = await written(imageAt('a'))
    await using past = await PastFile.open(file)
    const { path, content } = past.of(imageAt('a').path) ?? {}
    assert.ok(path && content)
    past.set(path, { path, findings: [], content })
    await past.save()
    assert.deepEqual(readFileSync(file, 'utf8').split('\n'), lines)
  })

  it('has the same order, in whichever one it was written', async () => {
    const lines = await written(imageAt('b'), imageAt('a'), imageAt('c'))
    rmSync(file)
    assert.deepEqual(await written(imageAt('c'), imageAt('b'), imageAt('a')), lines)
    assert.deepEqual(
      lines.map((line) => /vm_res_id_(.)/.exec(line)?.[1] ?? ''),
      ['', 'a', 'b', 'c', ''],
    )
  })

  it('is not written if nothing was read, and leaves nothing beside it', async () => {
    {
      await using past = await PastFile.open(file)
      await past.save()
    }
    assert.deepEqual(readdirSync(folder), [])
    await written(imageAt('a'))
    assert.deepEqual(readdirSync(folder), ['record'])
  })

  it('is written where a symbolic link leads', async () => {
    mkdirSync(file)
    writeFileSync(join(file, 'real'), (await headed('')).join('\n'))
    const link = join(folder, 'record', 'link')
    symlinkSync('real', link)
    await using past = await PastFile.open(link)
    past.set(imageAt('a').path, imageAt('a'))
    await past.save()
    assert.match(readFileSync(join(file, 'real'), 'utf8'), /vm_res_id_a/)
  })

  it('cannot be used by two assessments at once', async () => {
    {
      await using _first = await PastFile.open(file)
      await assert.rejects(PastFile.open(file), {
        code: 'bad-input',
        message: `--record: another assessment is using ${file}`,
      })
    }
    await using _later = await PastFile.open(file)
  })

  for (const [what, change] of [
    ['changed', () => writeFileSync(file, 'something else\n')],
    ['removed', () => rmSync(file)],
  ] as const)
    it(`is not written over one that was ${what} meanwhile`, async () => {
      await written(imageAt('a'))
      await using past = await PastFile.open(file)
      change()
      past.set(imageAt('b').path, imageAt('b'))
      await assert.rejects(past.save(), { code: 'record-changed' })
      assert.deepEqual(readdirSync(folder), what === 'changed' ? ['record'] : [])
    })
})

/** The first line of a record, and further text. */
async function headed(text: string): Promise<readonly string[]> {
  return [JSON.stringify({ format: 'dr-drill record of assessments', version: 1 }), text]
}

describe('a record that is damaged is wrong input, with its line:', () => {
  const line = (change: (image: Record<string, unknown>) => void): string => {
    const image = structuredClone(imageAt('a')) as unknown as Record<string, unknown>
    change(image)
    return `${JSON.stringify(image)}\n`
  }
  const head = '{"format":"dr-drill record of assessments","version":1}\n'
  const good = line(() => {})
  const cases: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['an empty file', '', /:1: the record is empty$/],
    ['another file', 'hello\n', /:1: Unexpected token/],
    ['other JSON', '{"a":1}\n', /:1: is not the first line of a record/],
    ['null', 'null\n', /:1: is not the first line of a record/],
    [
      'a later version',
      '{"format":"dr-drill record of assessments","version":2}\n',
      /:1: the record has version 2, not 1$/,
    ],
    ['a line that is cut short', `${head}${good.slice(0, -9)}`, /:2: the last line is cut short$/],
    ['a line that is no JSON', `${head}${good}{\n`, /:3: /],
    ['a second line for an image', `${head}${good}${good}`, /:3: a second line for workload_1/],
    [
      'a line without a digest',
      `${head}${line((one) => delete (one['content'] as Record<string, unknown>)['digest'])}`,
      /:2: content\.digest: /,
    ],
    ['a short digest', `${head}${good.replaceAll(digest, 'abc')}`, /:2: content\..*: must be 64 hexadecimal digits$/],
    [
      'a field that is unknown',
      `${head}${line((one) => Object.assign(one, { more: 1 }))}`,
      /:2: Unrecognized key: "more"$/,
    ],
    [
      'a path out of the target',
      `${head}${line((one) => Object.assign(one, { path: 'workload_1/../../etc' }))}`,
      /:2: path: must be the path of an image/,
    ],
    [
      'an absolute path',
      `${head}${line((one) => Object.assign(one, { path: '/etc/passwd' }))}`,
      /:2: path: must be the path of an image/,
    ],
    ['a date that is none', `${head}${good.replace('2026-11-01', '2026-13-41')}`, /:2: content\.date: /],
    [
      'a finding with another code',
      `${head}${line((one) => Object.assign(one, { findings: [{ code: 'encrypted' }] }))}`,
      /:2: findings\.0\./,
    ],
    ['a line that is too long', `${head}${'x'.repeat(1_000_000)}`, /:2: the line is longer than 131072 bytes$/],
    [
      'text that is not UTF-8',
      Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xfe, 10])]),
      /:2: the line is not UTF-8$/,
    ],
  ]
  for (const [what, bytes, message] of cases)
    it(what, async () => {
      writeFileSync(file, bytes)
      await assert.rejects(PastFile.open(file), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'bad-input')
        assert.ok(error.message.startsWith(file), error.message)
        assert.match(error.message, message)
        return true
      })
      // It is free again.
      rmSync(file)
      await using _ = await PastFile.open(file)
    })

  it('a folder, a device, and a place that cannot be written', async () => {
    mkdirSync(file)
    await assert.rejects(PastFile.open(file), { code: 'bad-input', message: `--record: ${file} is not a regular file` })
    symlinkSync('/dev/zero', join(file, 'device'))
    await assert.rejects(PastFile.open(join(file, 'device')), { message: '--record: /dev/zero is not a regular file' })
    await assert.rejects(PastFile.open(join(folder, 'none', 'record')), { code: 'bad-input', message: /ENOENT/ })
  })
})

describe('a record in a target', () => {
  it('is refused', () => {
    for (const target of [folder, join(folder, '..'), '/'])
      assert.throws(() => refuseInside(file, ['/somewhere', target]), {
        code: 'bad-input',
        message: `--record: ${file} is in the target ${target}`,
      })
    refuseInside(file, ['/somewhere', `${folder}-other`, join(folder, 'below')])
  })
})
