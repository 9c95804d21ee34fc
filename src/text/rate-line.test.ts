import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byteUnit, RateLine } from './rate-line.ts'
import type { ProgressStream } from './terminal.ts'

type Update = readonly [atMs: number, done: number, total?: number]

function lines(updates: readonly Update[], unit: ConstructorParameters<typeof RateLine>[1] = 'images') {
  const written: string[] = []
  let nowMs = 0
  const stream = { write: (text: string) => written.push(text) > 0 } as unknown as ProgressStream
  using line = new RateLine(stream, unit, () => nowMs)
  for (const [atMs, done, total] of updates) {
    nowMs = atMs
    line.update(done, total)
  }
  return written
}

describe('a line of progress', () => {
  it('shows how much is done, how fast, and how long the rest takes, after two seconds and every ten', () => {
    const shown = lines([
      [1000, 10, 100],
      [4000, 40, 100],
      [5000, 50, 100],
      [15_000, 60],
    ])
    assert.deepEqual(shown, ['40 of 100 images, 10 images/s, 6.0 s left\n', '60 images, 4 images/s\n'])
  })

  it('shows one digit of a rate below one a second', () => {
    assert.deepEqual(lines([[10_000, 4, 5]]), ['4 of 5 images, 0.4 images/s, 2.5 s left\n'])
  })

  it('shows nothing before anything is done', () => assert.deepEqual(lines([[4000, 0, 0]]), []))

  it('shows bytes in the unit of their total', () => {
    const mib = 2 ** 20
    assert.deepEqual(lines([[4000, 40 * mib, 100 * mib]], byteUnit), ['40.0 of 100.0 MiB, 10.0 MiB/s, 6.0 s left\n'])
    assert.deepEqual(lines([[4000, 512 * mib, 2048 * mib]], byteUnit), ['0.5 of 2.0 GiB, 128.0 MiB/s, 12.0 s left\n'])
    assert.deepEqual(lines([[4000, 40 * mib]], byteUnit), ['40.0 MiB, 10.0 MiB/s\n'])
  })

  it('restarts its rate with a new unit', () => {
    const written: string[] = []
    let nowMs = 0
    const stream = { write: (text: string) => written.push(text) > 0 } as unknown as ProgressStream
    using line = new RateLine(stream, 'workloads', () => nowMs)
    nowMs = 10_000
    line.update(10, 10)
    line.restart(byteUnit)
    nowMs = 11_000
    line.update(1024, 4096)
    nowMs = 14_000
    line.update(2048, 4096)
    assert.deepEqual(written, [
      '10 of 10 workloads, 1 workloads/s, 0.0 s left\n',
      '2.0 of 4.0 KiB, 512 B/s, 4.0 s left\n',
    ])
  })
})
