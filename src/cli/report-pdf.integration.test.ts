import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sampleJournal } from '../report/page/sample-journal.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-report-pdf-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const main = join(import.meta.dirname, 'main.ts')
const scenarios = [{ name: 'It passes' }, { outcome: 'failed' as const, name: 'It fails' }]
const journal = sampleJournal(scenarios).map((entry) => `${JSON.stringify(entry)}\n`)
writeFileSync(join(folder, 'journal.ndjson'), journal.join(''))
const report = (path = process.env.PATH) =>
  spawnSync(process.execPath, [main, 'report', 'journal.ndjson', '-f', 'pdf'], {
    ...{ cwd: folder, encoding: 'utf8' },
    env: { ...process.env, PATH: path },
  })
const skip = existsSync('/usr/bin/chromium') ? false : 'not run: chromium is not installed (apt-get install chromium)'

describe('report --format pdf', () => {
  it('prints the whole page with an outline and links', { skip }, () => {
    const { status, stdout, stderr } = report()
    assert.equal(status, 0, stderr)
    assert.match(stdout, /report\.pdf\n$/)
    const pdf = readFileSync(join(folder, 'report.pdf'), 'latin1')
    assert.match(pdf, /^%PDF-/)
    assert.ok(pdf.includes('/Outlines'))
    assert.ok(pdf.includes('/Title (It fails)'))
    assert.ok(pdf.includes('/Subtype /Link'))
  })

  it('is not run without a browser, with the reason', () => {
    rmSync(join(folder, 'report.pdf'), { force: true })
    const { status, stderr } = report('/nonexistent')
    assert.match(stderr, /report\.pdf was not made: PATH has none of chromium/)
    assert.deepEqual([status, existsSync(join(folder, 'report.pdf'))], [3, false])
  })
})
