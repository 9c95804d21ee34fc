import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { page as writePage } from '../src/report/page/page.ts'
import { type SampleScenario, sampleJournal } from '../src/report/page/sample-journal.fixture.ts'
import { sampleExercise } from '../src/report/sample-exercise.fixture.ts'
import { viewNames } from './src/data/route.ts'

const program = '/usr/bin/chromium'
const skip = existsSync(program) ? false : 'not run: chromium is not installed (apt-get install chromium)'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-page-'))
const hostile = '</script><script>document.title="pwned"</script><img src="https://evil.example/x.png">'
const scenarios: readonly SampleScenario[] = [
  { tags: ['@fast', '@gate'], description: 'It is\n  described.' },
  { outcome: 'failed', name: 'It fails', tags: ['@slow'], claim: 'it is found by its step', moreCommands: 250 },
  { outcome: 'unknown', tags: ['@fast'], isTakenOver: true, attempts: 2 },
  { outcome: 'not run', why: 'netem is missing' },
  { name: hostile, description: hostile, claim: hostile, output: hostile, why: hostile, outcome: 'failed' },
]
const file = join(scratch, 'index.html')
let html = ''
let browser: Browser

before(async () => {
  html = (await Array.fromAsync(writePage(sampleJournal(scenarios)))).join('')
  writeFileSync(file, html)
  // Chromium's sandbox does not work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  if (skip === false) browser = await chromium.launch({ executablePath: program, args })
})
after(async () => {
  if (skip === false) await browser.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** An opened page. Disposing it fails if the page printed an error, or asked for anything but itself. */
interface Opened extends AsyncDisposable {
  readonly tab: Page
  goTo(hash: string): Promise<void>
}

async function open(hash = '', options: BrowserContextOptions = {}, path = file): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const tab = await context.newPage()
  const wrong: string[] = []
  tab.on('console', (message) => {
    if (message.type() !== 'log') wrong.push(message.text())
  })
  tab.on('pageerror', (error) => wrong.push(error.message))
  tab.on('request', (request) => {
    if (!request.url().startsWith(`file://${path}`)) wrong.push(request.url())
  })
  const goTo = async (target: string): Promise<void> => {
    await tab.evaluate((address) => {
      location.hash = address
    }, target)
    await settled(tab)
  }
  await tab.goto(`file://${path}${hash}`)
  await settled(tab)
  return {
    tab,
    goTo,
    async [Symbol.asyncDispose]() {
      await context.close()
      assert.deepEqual(wrong, [])
    },
  }
}

async function settled(tab: Page): Promise<void> {
  await tab.waitForSelector('h1')
  await tab.waitForFunction(() => document.querySelector('.loading') === null)
}

/** The visible text of the first element. */
async function textOf(tab: Page, selector: string): Promise<string> {
  await tab.locator(selector).first().waitFor()
  const [text = ''] = await tab.locator(selector).allInnerTexts()
  return text
}

/** Returns the accessibility rules that a page violates, each with the first place. */
async function violationsIn(tab: Page): Promise<readonly string[]> {
  await tab.evaluate(axe.source)
  return await tab.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: { run(): Promise<{ violations: readonly Violation[] }> } }
    interface Violation {
      readonly id: string
      readonly nodes: readonly { readonly html: string }[]
    }
    const result = await checker.run()
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
  })
}

describe('the page in Chromium', { skip }, () => {
  it('shows the verdict, the reasons and what the run does not prove first', async () => {
    await using page = await open()
    const text = await textOf(page.tab, 'main')
    assert.match(text, /^✘ Failed\n/)
    for (const part of [
      '2 failed',
      '2 unknown',
      '1 not run',
      '1 passed',
      'netem is missing',
      'ada',
      'lab-7',
      'QEMU in the guests: 10.0.2',
      'Features: commit',
      'Next drill: due now for 5 scenarios that did not pass.',
      'written by primary to 10.10.2.20:/upstream',
      'Assign each of the 4 failed or unknown drills',
    ])
      assert.ok(text.includes(part), `${part} is missing in ${text}`)
    assert.equal(await page.tab.title(), 'failed: 20261101t000000-abcdef · dr-drill')
    const limits = await page.tab.locator('.limits').boundingBox()
    assert.ok(limits !== null && limits.y < 900, 'it is on the first screen')
  })

  it('shows hostile records as text, and loads nothing', async () => {
    await using page = await open('#drill/d5')
    assert.equal(await textOf(page.tab, 'h1'), hostile)
    assert.equal(await page.tab.locator('main img').count(), 0)
    await page.tab.keyboard.press('e')
    await page.tab.locator('summary', { hasText: 'command' }).first().waitFor()
    assert.match(await page.tab.title(), /^failed/)
  })

  it('filters drills by text, outcome, node and tag, also negatively, and keeps the filter in its address', async () => {
    await using page = await open('#drills')
    const names = () => page.tab.locator('.drill-list .name a').allInnerTexts()
    assert.deepEqual(await names(), ['It fails', hostile, 'Scenario 3', 'Scenario 3', 'Scenario 4', 'Scenario 1'])
    await page.tab.getByRole('searchbox').fill('found by its step')
    assert.deepEqual(await names(), ['It fails'])
    assert.equal(await page.tab.getByRole('status').first().textContent(), '1 of 6 drills · Show all')
    await page.tab.getByRole('searchbox').fill('')
    await page.tab.getByLabel('unknown').check()
    assert.deepEqual(await names(), ['Scenario 3', 'Scenario 3'])
    await page.tab.getByLabel('unknown').uncheck()
    const tag = page.tab.getByRole('button', { name: '@fast' })
    await tag.click()
    assert.deepEqual(await names(), ['Scenario 3', 'Scenario 3', 'Scenario 1'])
    await tag.click()
    assert.deepEqual(await names(), ['It fails', hostile, 'Scenario 4'])
    assert.match(page.tab.url(), /#drills\?not=%40fast$/)
    await page.tab.reload()
    await settled(page.tab)
    assert.deepEqual(await names(), ['It fails', hostile, 'Scenario 4'])
    await page.goTo('#drills?node=nowhere')
    assert.deepEqual(await names(), [])
  })

  it('searches the evidence of all drills', async () => {
    await using page = await open('#drills?q=/srv/249')
    await page.tab.getByRole('button', { name: /Search the evidence/ }).click()
    await page.tab.getByText('1 entry found in 6 of 6 drills').waitFor()
    await page.tab.getByRole('link', { name: 'stat /srv/249' }).click()
    await page.tab.locator('.entry.target').waitFor()
    assert.equal(await textOf(page.tab, 'h1'), 'It fails')
  })

  it('opens and shows an entry that its address names, also one that is far down', async () => {
    const entries = sampleJournal(scenarios)
    const { seq } = entries.find((entry) => entry.kind === 'command' && entry.command === 'stat /srv/249') ?? { seq: 0 }
    await using page = await open(`#drill/d2/entry/${seq}`)
    const target = page.tab.locator('.entry.target')
    await target.waitFor()
    assert.equal(await target.getAttribute('open'), '')
    const box = await target.boundingBox()
    assert.ok(box !== null && box.y >= 0 && box.y < 900, `it is at ${box?.y}`)
    await page.goTo('#drill/d2/step/3')
    assert.match(await textOf(page.tab, '.step.target'), /every snapshot is restored/)
  })

  it('leads from a finding to its evidence', async () => {
    await using page = await open('#drill/d2')
    await page.tab.locator('.finding.failed').getByRole('link').last().click()
    await page.tab.locator('.entry.target').waitFor()
    assert.match(await textOf(page.tab, '.entry.target'), /restore[^]*parent missing/)
  })

  it('can be used with the keyboard alone', async () => {
    await using page = await open()
    await page.tab.keyboard.press('/')
    await page.tab.waitForFunction(() => document.activeElement?.matches('input[type=search]'))
    await page.tab.keyboard.type('It fails')
    await page.tab.keyboard.press('Tab')
    await page.tab.keyboard.press('j')
    await page.tab.keyboard.press('Enter')
    await page.tab.waitForFunction(() => document.querySelector('h1')?.textContent === 'It fails')
    assert.equal(await page.tab.locator('details.step-evidence[open]').count(), 0)
    await page.tab.keyboard.press('e')
    assert.ok((await page.tab.locator('details.step-evidence[open]').count()) > 3)
  })

  it('shows every attempt of a scenario', async () => {
    await using page = await open('#drill/d3')
    assert.match(await textOf(page.tab, '.attempts'), /this attempt[^]*attempt 2/)
  })

  it('fits into a narrow window in every view', async () => {
    await using page = await open('', { viewport: { width: 360, height: 640 } })
    for (const hash of [...viewNames.map((name) => `#${name}`), '#drill/d2', '#drill/d5', '#all']) {
      await page.goTo(hash)
      const width = await page.tab.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(width <= 360, `${hash} is ${width} pixels wide`)
    }
  })

  it('shows the after-action review of an exercise, which fits on a phone, and prints all of it', async () => {
    const path = join(scratch, 'exercise.html')
    const journal = sampleJournal([{ outcome: 'failed', tags: ['@exercise'], exercise: sampleExercise }])
    writeFileSync(path, (await Array.fromAsync(writePage(journal))).join(''))
    for (const width of [390, 1280]) {
      await using page = await open('#drill/d1', { viewport: { width, height: 844 } }, path)
      const text = await textOf(page.tab, '.review')
      for (const part of [
        ...['1 min 15 s', '5 min 00 s', 'Hints: 1 hint, +1.0 s', 'Left wrong though it looked right', 'due date'],
        ...['ann reported what is wrong: no bind', 'ann: 4 commands, 2 helped, 1 had to be undone', 'signature'],
      ])
        assert.ok(text.includes(part), `${part} is missing at ${width} px in ${text}`)
      const checks = await textOf(page.tab, '[aria-label="Hidden checks"]')
      assert.match(checks, /every restore succeeds\s+(result)?\s*failed$/)
      const excess = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
      assert.equal(await page.tab.evaluate(excess), 0)
      assert.deepEqual(await violationsIn(page.tab), [])
    }
    await using printed = await open('#all', {}, path)
    await printed.tab.emulateMedia({ media: 'print' })
    assert.match(await textOf(printed.tab, '[aria-label="Commands of ann"]'), /umount b/)
  })

  it('prints all drills with their prose, and without navigation', async () => {
    await using page = await open('#all')
    await page.tab.getByRole('button', { name: 'Print' }).waitFor()
    await page.tab.emulateMedia({ media: 'print' })
    const [deficiencies = ''] = await page.tab.locator('.title-page table').nth(1).allInnerTexts()
    assert.match(deficiencies, /owner.*due date.*It fails ✘ failed/s)
    assert.equal(await page.tab.locator('nav').isVisible(), false)
    assert.equal(await page.tab.locator('article.drill').count(), 6)
    assert.ok(await page.tab.getByText('it is found by its step').first().isVisible())
    assert.ok((await page.tab.pdf()).byteLength > 10_000)
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no violation of accessibility rules in any view, ${colorScheme}`, async () => {
      await using page = await open('', { colorScheme })
      for (const hash of [...viewNames.map((name) => `#${name}`), '#drill/d2', '#drills?q=Scenario&tag=%40fast']) {
        await page.goTo(hash)
        if (hash === '#drill/d2') await page.tab.keyboard.press('e')
        const violations = await violationsIn(page.tab)
        assert.deepEqual(violations, [], hash)
      }
    })
  }

  it('reports that it was cut, and shows what it holds', async () => {
    const cut = join(scratch, 'cut.html')
    writeFileSync(cut, html.slice(0, html.indexOf('id="drill-d3"') + 100))
    await using page = await open('#drill/d2', {}, cut)
    await page.tab.getByText('This file was cut').waitFor()
    assert.equal(await textOf(page.tab, 'h1'), 'It fails')
    await page.tab.goto(`file://${cut}#drill/d4`)
    await page.tab.getByText('This part of the page is missing: the file was cut.').waitFor()
  })
})
