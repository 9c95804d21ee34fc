import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { JournalEntry } from '../journal/journal.ts'
import { reportFormats } from './index.ts'
import { writeReports } from './write-reports.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-reports-'))
after(() => rmSync(scratch, { recursive: true }))

const at = '2026-11-01T00:00:00Z'
const entries: readonly JournalEntry[] = [
  { seq: 1, at, kind: 'run-started', run: 'r', version: '1', argv: [] },
  { seq: 2, at, kind: 'run-ended', exitCode: 0 },
]

function newFolder(name: string): string {
  const folder = join(scratch, name)
  mkdirSync(folder)
  return folder
}

describe('writeReports', () => {
  it('writes every format of the menu', async () => {
    const folder = newFolder('all')
    assert.deepEqual(await writeReports(folder, entries), [])
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(reportFormats).sort())
    assert.match(readFileSync(join(folder, 'index.html'), 'utf8'), /<html[^]*<\/html>/)
  })

  it('writes the others when one format throws, and names that one in an error', async () => {
    const folder = newFolder('broken')
    async function* half() {
      yield 'half'
      throw new Error('no more')
    }
    const errors = await writeReports(folder, entries, {
      'throws.txt': () => {
        throw new Error('no idea')
      },
      'half.txt': half,
      'counts.txt': (all) => `${all.length} entries`,
    })
    assert.equal(readFileSync(join(folder, 'counts.txt'), 'utf8'), '2 entries')
    assert.deepEqual(readdirSync(folder), ['counts.txt'])
    assert.deepEqual(
      errors.map(({ code, message }) => `${code}: ${message}`),
      [
        'report-failed: cannot create the report throws.txt: no idea',
        'report-failed: cannot create the report half.txt: no more',
      ],
    )
  })

  it('names each file that cannot be written', async () => {
    const errors = await writeReports(join(scratch, 'gone'), entries, { 'a.txt': () => 'a', 'b.txt': () => 'b' })
    assert.deepEqual(
      errors.map(({ blame, message }) => [blame, message.split(': ')[0]]),
      [
        ['input', `cannot write ${join(scratch, 'gone/a.txt')}`],
        ['input', `cannot write ${join(scratch, 'gone/b.txt')}`],
      ],
    )
  })
})
