import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { BootLog } from './boot-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'boot-log-'))
after(() => rmSync(folder, { recursive: true }))

const bytes = (text: string) => Buffer.from(text)

it('BootLog writes every byte to its file, and appends at the next boot', () => {
  const file = join(folder, 'all')
  for (const text of ['first\r\n', 'second'])
    using(new BootLog(file), (log) => log.write(Buffer.concat([bytes(text), Buffer.of(0xff)])))
  const all = Buffer.concat([bytes('first\r\n'), Buffer.of(0xff), bytes('second'), Buffer.of(0xff)])
  assert.deepEqual(readFileSync(file), all)
})

it('BootLog replaces secrets, also those of several lines and pieces', () => {
  const file = join(folder, 'secrets')
  const lines = [
    'a',
    'OS_PASSWORD=planted',
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIplanted',
    '-----END RSA PRIVATE KEY-----',
  ]
  using(new BootLog(file), (log) => {
    for (const byte of bytes([...lines, 'b', 'OS_TOKEN=planted'].join('\n'))) log.write(Buffer.of(byte))
  })
  const text = readFileSync(file, 'utf8')
  assert.ok(!text.includes('planted'), text)
  assert.match(text, /^a\nOS_PASSWORD=\[redacted-password-1\]\n[^]*\nb\nOS_TOKEN=\[redacted-token-\d\]$/)
})

it('BootLog keeps the last complete lines, however the bytes arrive', () => {
  using(new BootLog(join(folder, 'tail')), (log) => {
    // Splits a character and a line end.
    for (const byte of bytes('grün\r\nzwei\ndrei\nvi')) log.write(Buffer.of(byte))
    assert.equal(log.tail(), 'grün\nzwei\ndrei')
    assert.equal(log.tail(2), 'zwei\ndrei')
    log.write(bytes(Array.from({ length: 300 }, (_, nth) => `line ${nth}\n`).join('')))
    assert.equal(log.tail(1_000).split('\n').length, 200)
    assert.equal(log.tail(1), 'line 299')
  })
})

it('BootLog resolves for the next complete line, not for an earlier or partial one', { timeout: 10_000 }, async () => {
  const log = new BootLog(join(folder, 'next'))
  const resolved: string[] = []
  log.write(bytes('ready\n'))
  const one = log.next('ready').then(() => resolved.push('one'))
  const two = log.next('ready').then(() => resolved.push('two'))
  const other = log.next('stopped').then(() => resolved.push('other'))
  log.write(bytes('not ready\nready'))
  await new Promise(setImmediate)
  assert.deepEqual(resolved, [])
  log.write(bytes('\r\n'))
  await Promise.all([one, two])
  assert.deepEqual(resolved, ['one', 'two'])
  log.write(bytes('stopped\n'))
  await other
  log[Symbol.dispose]()
})

it('BootLog calls onPanic when the kernel panics', () => {
  using(new BootLog(join(folder, 'panic')), (log) => {
    const panics: string[] = []
    log.onPanic = (line) => panics.push(line)
    log.write(bytes('all is well\n[   12.3] Kernel panic - not syncing: Out of memory'))
    assert.deepEqual(panics, [])
    log.write(bytes('\r\nCPU: 0\n'))
    assert.deepEqual(panics, ['[   12.3] Kernel panic - not syncing: Out of memory'])
  })
})

function using(log: BootLog, act: (log: BootLog) => void): void {
  try {
    act(log)
  } finally {
    log[Symbol.dispose]()
  }
}
