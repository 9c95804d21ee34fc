import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parseBackingName } from '../image/backing-name.ts'
import { openSource } from '../image/byte-source.ts'
import { makeCorpus } from '../image/corpus.fixture.ts'
import { digestFile } from '../image/digest-file.ts'
import { readHeader } from '../image/header.ts'
import { contentReader } from './read-content.ts'

const folder = mkdtempSync(join(tmpdir(), 'content-'))
after(() => rmSync(folder, { recursive: true }))
const signal = new AbortController().signal

const qemu = (...argv: string[]) => execFileSync(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })

/** The content that qemu-img reads, opening each parent by its name. */
async function readOut(path: string): Promise<string> {
  const raw = join(folder, 'out.raw')
  qemu('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', '--', path, raw)
  const digest = await digestFile(raw)
  rmSync(raw)
  return digest
}

async function linkOf(path: string) {
  await using source = await openSource(path)
  return { path, virtualBytes: (await readHeader(source)).virtualSizeBytes }
}

/** The chain by the names in its images. */
async function chainOf(path: string) {
  const links = [await linkOf(path)]
  await using source = await openSource(path)
  const { backing } = await readHeader(source)
  const parsed = backing && parseBackingName(backing.name)
  if (parsed && 'path' in parsed && parsed.path !== undefined)
    links.push(...(await Promise.all([linkOf(join(folder, parsed.path.split('/').at(-1)!))])))
  return links
}

describe('the content of every kind of image is what qemu-img reads', () => {
  const read = contentReader()
  for (const { name, path, isReadable } of makeCorpus(folder)) {
    if (!isReadable) continue
    it(name, async () => {
      const result = await read(await chainOf(path), { signal })
      const doubt = `the tables of ${path} contradict each other: QEMU has marked the image as corrupt`
      const expected = { kind: 'read', digest: await readOut(path), readBytes: 0, ...(name === 'corrupt' && { doubt }) }
      assert.deepEqual({ ...result, readBytes: 0 }, expected)
    })
  }
})
