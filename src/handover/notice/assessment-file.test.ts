import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readAssessment } from './assessment-file.ts'
import { summary, workload } from './notice.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-assessment-'))
after(() => rmSync(folder, { recursive: true }))

function read(...lines: readonly (object | string)[]) {
  const path = join(folder, 'a.ndjson')
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return readAssessment(path)
}

describe('file of an assessment', () => {
  it('is read without its images, and with fields that this version does not know', async () => {
    const found = await read('{"kind":"image", not parsed', { ...workload(), later: 1 }, { ...summary, later: 1 })
    assert.deepEqual(found, { date: summary.date, depth: 'content', unseen: [], workloads: [workload()] })
  })

  const wrong: readonly (readonly [string, readonly (object | string)[], RegExp])[] = [
    ['it did not end', [workload()], /a\.ndjson: it has no summary: the assessment did not end/],
    ['it is empty', [], /it has no summary/],
    ['a workload is missing', [summary], /has the records of 0 of 1 workloads/],
    ['a workload is listed twice', [workload(), workload(), summary], /:2: workload 1000[^ ]* is listed twice/],
    ['it is two files', [workload(), summary, summary], /:3: a record follows the summary/],
    ['it is text', ['Target /mnt'], /:1: .*JSON/],
    ['it is other JSON', ['{"kind":"other"}'], /:1: not a record of dr-drill assess --json/],
    ['a state is unknown', [{ ...workload(), snapshots: [{}] }, summary], /:1: snapshots\.0/],
  ]
  for (const [what, lines, message] of wrong)
    it(`is refused if ${what}`, () => assert.rejects(read(...lines), { name: 'InputError', message }))

  it('is refused if it does not exist', () =>
    assert.rejects(readAssessment('/nowhere/a'), /cannot read the assessment \/nowhere\/a: ENOENT/))
})
