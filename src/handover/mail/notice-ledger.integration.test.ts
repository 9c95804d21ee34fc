import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { NoticeLedger } from './notice-ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-notices-'))
after(() => rmSync(folder, { recursive: true }))
const nowMs = Date.parse('2026-11-29T18:00:00Z')
const entry = { channel: 'smtp', key: 'k', id: '<k@h>', userId: 'u', to: 'a@example.org' } as const

async function reopened(path: string, act: (ledger: NoticeLedger) => void = () => {}) {
  await using ledger = await NoticeLedger.open(path)
  act(ledger)
  return ledger.lastOf('smtp', 'k')
}

describe('ledger of notices', () => {
  it('knows the last attempt, also after it was closed, for each channel', async () => {
    const path = join(folder, 'new/known.ndjson')
    assert.equal(await reopened(path), undefined)
    await reopened(path, (ledger) => {
      ledger.begin(entry, nowMs)
      ledger.end('smtp', 'k', { kind: 'refused', why: '550 no' }, nowMs)
    })
    assert.equal((await reopened(path))?.outcome, 'refused')
    const last = await reopened(path, (ledger) => {
      ledger.begin(entry, nowMs)
      ledger.end('smtp', 'k', { kind: 'sent', answer: '250 ok' }, nowMs)
      assert.equal(ledger.lastOf('webhook', 'k'), undefined)
      assert.equal(ledger.lastOf('smtp', 'other'), undefined)
    })
    assert.deepEqual(last, { outcome: 'sent', detail: '250 ok', at: '2026-11-29T18:00:00.000Z' })
    assert.deepEqual(await reopened(path), last)
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('counts a message without an end as one that may have been sent', async () => {
    const path = join(folder, 'begun.ndjson')
    await reopened(path, (ledger) => ledger.begin(entry, nowMs))
    assert.equal((await reopened(path))?.outcome, 'may have been sent')
  })

  it('has a line on the disk before a message is handed over', async () => {
    const path = join(folder, 'first.ndjson')
    await reopened(path, (ledger) => {
      ledger.begin(entry, nowMs)
      assert.match(readFileSync(path, 'utf8'), /"kind":"sending"[^\n]*"to":"a@example\.org"[^\n]*\n$/)
    })
  })

  it('drops a last line that is not whole, and goes on', async () => {
    const path = join(folder, 'torn.ndjson')
    await reopened(path, (ledger) => ledger.begin(entry, nowMs))
    appendFileSync(path, '{"kind":"ended","channel":"smtp","key":"k","outc')
    const last = await reopened(path, (ledger) => ledger.begin({ ...entry, key: 'k2' }, nowMs))
    assert.equal(last?.outcome, 'may have been sent')
    for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) JSON.parse(line)
  })

  it('goes on after its writer ended in the middle of the first line', async () => {
    const path = join(folder, 'head.ndjson')
    writeFileSync(path, '{"format":"dr-dr')
    assert.equal(await reopened(path), undefined)
    await reopened(path, (ledger) => ledger.begin(entry, nowMs))
    assert.equal((await reopened(path))?.outcome, 'may have been sent')
  })

  it('is refused if it is damaged, another file, or in use', async () => {
    const path = join(folder, 'damaged.ndjson')
    await reopened(path, (ledger) => ledger.begin(entry, nowMs))
    appendFileSync(path, '{"kind":"ended"}\n')
    await assert.rejects(NoticeLedger.open(path), /damaged\.ndjson:3 is damaged/)
    const other = join(folder, 'other.txt')
    writeFileSync(other, 'some text')
    await assert.rejects(NoticeLedger.open(other), /is not a ledger of notices/)
    assert.equal(readFileSync(other, 'utf8'), 'some text')
    await using _held = await NoticeLedger.open(join(folder, 'held.ndjson'))
    await assert.rejects(NoticeLedger.open(join(folder, 'held.ndjson')), /another process is using/)
  })
})
