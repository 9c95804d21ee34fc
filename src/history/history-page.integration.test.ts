import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { sampleExercise } from '../report/sample-exercise.fixture.ts'
import { historyPage } from './history-page.ts'
import { runOn, topologyDigest } from './past-runs.fixture.ts'
import { featureDigest } from './run-record.ts'
import { scenarioHistories } from './scenario-history.ts'
import { stalenessOf } from './staleness.ts'

const program = '/usr/bin/chromium'
const skip = existsSync(program) ? false : 'not run: chromium is not installed (apt-get install chromium)'
const hostile = '</style><img src="https://evil.example/x.png"><script>document.title="pwned"</script>'

const [began] = sampleExercise
if (began === undefined) throw new Error('the sample has a beginning')
const runs = [
  runOn(1, 'passed', { tookMs: 800, topology: 'b'.repeat(64) }),
  runOn(8, 'failed', { tookMs: 2600, version: '1.1.0', topology: topologyDigest }),
  runOn(15, 'passed', { tookMs: 900, version: '1.1.0', topology: topologyDigest }),
  runOn(22, 'failed', { name: hostile }),
  runOn(23, 'failed', { name: 'a team recovers', exercise: [{ ...began, team: hostile }, ...sampleExercise.slice(1)] }),
]
const histories = scenarioHistories(runs)
const now = new Date('2026-11-29T12:00:00Z')
const maxAgeMs = 30 * 24 * 3600_000
const staleness = stalenessOf(histories, {
  ...{ now, maxAgeMs, version: '1.1.0', guestImage: '0123456789abcdef' },
  features: new Map([['a.feature', featureDigest('Feature: A\n')]]),
  topologies: new Map([['t.yaml', topologyDigest]]),
  ...{ code: { 'steps/own.ts': 'c1' }, runbooks: {} },
  ...{
    selected: [],
    scenarios: [15, 22].map((line, nth) => ({ name: nth === 0 ? 'n' : hostile, location: `a.feature:${line}` })),
  },
})

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-history-'))
const file = join(scratch, 'history.html')
let browser: Browser
before(async () => {
  const problems = [`reports/x/journal.ndjson: ${hostile}`]
  writeFileSync(
    file,
    historyPage({ runs, histories, staleness, problems, now, maxAgeMs, linkTo: (run) => `${run}/index.html` }),
  )
  // Chromium's sandbox does not work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  if (skip === false) browser = await chromium.launch({ executablePath: program, args })
})
after(async () => {
  if (skip === false) await browser.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** Opens the page, and fails if it prints an error, or asks for anything but itself. */
async function withPage(options: BrowserContextOptions, act: (tab: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const tab = await context.newPage()
  const wrong: string[] = []
  tab.on('console', (message) => wrong.push(message.text()))
  tab.on('request', (request) => {
    if (request.url() !== `file://${file}`) wrong.push(request.url())
  })
  await tab.goto(`file://${file}`)
  await act(tab)
  await context.close()
  assert.deepEqual(wrong, [])
}

describe('the page of a history in Chromium', { skip }, () => {
  it('shows first what needs a new drill, why, and when the next verdict expires', async () => {
    await withPage({}, async (tab) => {
      const [text = ''] = await tab.locator('body').allInnerTexts()
      assert.match(text, /^1 scenario needs a new drill\n/)
      assert.match(text, /The next verdict expires on 2026-12-15\./)
      assert.match(text, /the last outcome is failed\n\s*it never passed/)
    })
  })

  it('opens an unsteady scenario, with its times and objectives over runs, with what changed, and links to the runs', async () => {
    await withPage({}, async (tab) => {
      const details = tab.locator('details', { hasText: 'a.feature:15' })
      const rows = await details.locator('tbody tr').allInnerTexts()
      assert.equal(rows.length, 3)
      assert.match(
        rows[1] ?? '',
        /✘ failed.*✘? ?.*the topology t\.yaml has changed; dr-drill 1\.0\.0 was used, and now it is 1\.1\.0/s,
      )
      assert.match(rows[0] ?? '', /✔ passed\n0\.9 s, required 2\.0 s/)
      assert.equal(await details.locator('tbody a').first().getAttribute('href'), 'r15/index.html')
    })
  })

  it('compares exercises by team, with their times, hints, and what was left wrong', async () => {
    await withPage({}, async (tab) => {
      const [row = ''] = await tab.locator(`[aria-label^="The | page, team"] tbody tr`).allInnerTexts()
      assert.match(row.replaceAll(/\s+/g, ' '), /failed 30\.0 s 40\.0 s 1 min 15 s 1 min 30 s, done 1 \(\+1\.0 s\)/)
      assert.equal(await tab.locator('main img').count(), 0)
    })
  })

  it('shows hostile names as text', async () => {
    await withPage({}, async (tab) => {
      const [text = ''] = await tab.locator('body').allInnerTexts()
      assert.ok(text.includes(hostile))
      assert.equal(await tab.locator('img, script').count(), 0)
      assert.match(await tab.title(), /^1 scenario needs/)
    })
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has no violation that axe finds, in ${colorScheme} colors, wide and narrow`, async () => {
      for (const width of [1280, 360])
        await withPage({ colorScheme, viewport: { width, height: 900 } }, async (tab) => {
          for (const details of await tab.locator('details:not([open]) summary').all()) await details.click()
          await tab.evaluate(`${axe.source}; undefined`)
          const { violations } = (await tab.evaluate('axe.run()')) as axe.AxeResults
          assert.deepEqual(
            violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`),
            [],
          )
          const overflow = await tab.evaluate('document.documentElement.scrollWidth - innerWidth')
          assert.ok(Number(overflow) <= 0, `it is ${overflow} pixels wider than its window`)
        })
    })
})
