import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { BootLog } from './boot-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'boot-log-'))
after(() => rmSync(folder, { recursive: true }))

const bytes = (text: string) => Buffer.from(text)

it('keeps every byte in its file, also of an earlier boot', () => {
  const file = join(folder, 'all')
  for (const text of ['first\r\n', 'second'])
    using(new BootLog(file), (log) => log.write(Buffer.concat([bytes(text), Buffer.of(0xff)])))
  const all = Buffer.concat([bytes('first\r\n'), Buffer.of(0xff), bytes('second'), Buffer.of(0xff)])
  assert.deepEqual(readFileSync(file), all)
})

it('has the last lines at hand, whole ones, however they arrive', () => {
  using(new BootLog(join(folder, 'tail')), (log) => {
    // A character and a line end that are cut in two.
    for (const byte of bytes('grün\r\nzwei\ndrei\nvi')) log.write(Buffer.of(byte))
    assert.equal(log.tail(), 'grün\nzwei\ndrei')
    assert.equal(log.tail(2), 'zwei\ndrei')
    log.write(bytes(Array.from({ length: 300 }, (_, nth) => `line ${nth}\n`).join('')))
    assert.equal(log.tail(1_000).split('\n').length, 200)
    assert.equal(log.tail(1), 'line 299')
  })
})

it('rings for a line that comes, not for one that has been, nor for a part of one', { timeout: 10_000 }, async () => {
  const log = new BootLog(join(folder, 'next'))
  const rung: string[] = []
  log.write(bytes('ready\n'))
  const one = log.next('ready').then(() => rung.push('one'))
  const two = log.next('ready').then(() => rung.push('two'))
  const other = log.next('stopped').then(() => rung.push('other'))
  log.write(bytes('not ready\nready'))
  await new Promise(setImmediate)
  assert.deepEqual(rung, [])
  log.write(bytes('\r\n'))
  await Promise.all([one, two])
  assert.deepEqual(rung, ['one', 'two'])
  log.write(bytes('stopped\n'))
  await other
  log[Symbol.dispose]()
})

it('says when the kernel gives up', () => {
  using(new BootLog(join(folder, 'panic')), (log) => {
    const heard: string[] = []
    log.onPanic = (line) => heard.push(line)
    log.write(bytes('all is well\n[   12.3] Kernel panic - not syncing: Out of memory'))
    assert.deepEqual(heard, [])
    log.write(bytes('\r\nCPU: 0\n'))
    assert.deepEqual(heard, ['[   12.3] Kernel panic - not syncing: Out of memory'])
  })
})

function using(log: BootLog, act: (log: BootLog) => void): void {
  try {
    act(log)
  } finally {
    log[Symbol.dispose]()
  }
}
