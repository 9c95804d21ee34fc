import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ContentLink, ReadContent } from '../assess/judge/content-port.ts'
import { pacedReader } from './reading-limits.ts'

it('a limit for reading holds for each target, over all disks on it', async () => {
  const read: ReadContent = async (_links, { beforeReading }) => {
    await beforeReading?.(1_000_000)
    return { kind: 'unknown', why: '' }
  }
  // What was read has to be paid for before more is: that takes days.
  const paced = pacedReader(read, 1)
  const facts = { path: 'a', fileBytes: 1, writtenMs: 1, head: '', inode: 1, changedMs: 1 }
  const readOn = (target: number, { signal } = new AbortController()) => {
    const links: readonly ContentLink[] = [{ path: '/a', virtualBytes: 1, file: { target, ...facts } }]
    return paced(links, { signal })
  }
  await readOn(0)
  await readOn(1)
  const stop = new AbortController()
  const waiting = readOn(0, stop)
  await readOn(2)
  stop.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
})
