import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RateLine } from './rate-line.ts'
import type { ProgressStream } from './terminal.ts'

function lines(updates: readonly [atMs: number, done: number, total?: number][]): readonly string[] {
  const written: string[] = []
  let nowMs = 0
  const stream = { write: (text: string) => written.push(text) > 0 } as unknown as ProgressStream
  using line = new RateLine(stream, 'images', () => nowMs)
  for (const [atMs, done, total] of updates) {
    nowMs = atMs
    line.update(done, total)
  }
  return written
}

it('tells how far it is, how fast, and how long it will take, after two seconds and now and then', () => {
  const said = lines([
    [1000, 10, 100],
    [4000, 40, 100],
    [5000, 50, 100],
    [15_000, 60],
  ])
  assert.deepEqual(said, ['40 of 100 images, 10 a second, 6.0 s left\n', '60 images, 4 a second\n'])
})

it('tells how fast it is where one takes more than a second', () => {
  assert.deepEqual(lines([[10_000, 4, 5]]), ['4 of 5 images, 0.4 a second, 2.5 s left\n'])
})

it('says nothing before there is anything', () => assert.deepEqual(lines([[4000, 0, 0]]), []))
