import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { assessment, ids, people, snapshot, workload } from './notice.fixture.ts'
import { makeNotices } from './notice.ts'
import { noticeHtml } from './notice-html.ts'
import { noticeText } from './notice-text.ts'
import { mailSubject } from './notice-wording.ts'

const program = '/usr/bin/chromium'
const skip = existsSync(program) ? false : 'not run: chromium is not installed (apt-get install chromium)'
const folder = mkdtempSync(join(tmpdir(), 'dr-drill-mail-'))
const file = join(folder, 'mail.html')

const hostile =
  'x\r\nBcc: a@b\u202e\u200b<script>document.title="pwned"</script><img src=https://evil.example/x.png>&"\''
const names = {
  hostile,
  long: 'a'.repeat(200),
  stacked: `z${'\u0301'.repeat(200)}`.repeat(3),
  rightToLeft: '\u05e9\u05dc\u05d5\u05dd (x)',
}
const broken = { state: 'broken', defect: { code: 'content-unreadable', vm: hostile, device: 'vda' } } as const
const [notice] = makeNotices(
  {
    ...assessment(
      workload({ snapshots: [snapshot(1), snapshot(2, broken), snapshot(3, { state: 'after-recovery' })] }),
      ...Object.values(names).map((name, nth) =>
        workload({ workloadId: `w${nth}`, name, projectId: ids.db, snapshots: [snapshot(1, { ...broken, name })] }),
      ),
      workload({ workloadId: 'many', snapshots: Array.from({ length: 35 }, () => snapshot(1)) }),
    ),
    unseen: ['/mnt/b: EIO'],
  },
  people(),
  'recovery',
).notices
assert.ok(notice)
const options = { contact: hostile, dashboard: 'https://cloud.example.org' }

let browser: Browser
before(async () => {
  writeFileSync(file, noticeHtml(notice, options))
  // Chromium's sandbox does not work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  if (skip === false) browser = await chromium.launch({ executablePath: program, args })
})
after(async () => {
  if (skip === false) await browser.close()
  rmSync(folder, { recursive: true })
})

/** Opens the mail, and calls a function with it. The mail must load nothing, and run nothing. */
async function open(width: number, colorScheme: 'light' | 'dark', look: (tab: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
  const tab = await context.newPage()
  const asked: string[] = []
  tab.on('request', (request) => asked.push(request.url()))
  tab.on('dialog', (dialog) => asked.push(dialog.message()))
  await tab.goto(`file://${file}`)
  await look(tab)
  assert.equal(await tab.title(), mailSubject(notice!))
  await context.close()
  assert.deepEqual(asked, [`file://${file}`])
}

/** The text part without what only plain text needs: labels, numbers of steps, and line breaks. */
const plain = (text: string): string =>
  text
    .replaceAll(/^WORKLOAD /gm, '')
    .replaceAll(/^(project [^]*?), id (?=\S+$)/gm, '$1 \u00b7 ')
    .replaceAll(/^ {4}snapshot /gm, '')
    .replaceAll(/^\d+\. /gm, '')
    .replaceAll(/([\u2714?\u2718] (restores|not proven|does not restore)):/g, '$1')
    .replace('WHAT TO DO NEXT', 'What to do next')
    .replaceAll(/\s+/g, '')

// As text, because these sources do not know the types of a browser.
/** Elements that are wider than the window, or than their boxes. */
const outsideScript = `[...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).display !== 'inline')
  .map((one) => one.outerHTML.slice(0, 80))`
const overflowScript = `[...document.querySelectorAll('h2, .snapshots li')].map((one) => getComputedStyle(one).overflow)`

describe('a mail with hostile names in Chromium', { skip }, () => {
  for (const [width, scheme] of [
    [360, 'dark'],
    [1000, 'light'],
  ] as const)
    it(`fits ${width} pixels, and can be read in ${scheme} colors`, () =>
      open(width, scheme, async (tab) => {
        assert.deepEqual(await tab.evaluate<string[]>(outsideScript), [])
        // Stacked marks of a name must not cover what stands above or below it.
        const overflows = await tab.evaluate<string[]>(overflowScript)
        assert.deepEqual([overflows.length > 10, new Set(overflows)], [true, new Set(['hidden'])])
        await tab.evaluate(axe.source)
        const { violations } = await tab.evaluate(async () => {
          const { axe: inPage } = globalThis as unknown as { axe: typeof axe }
          return inPage.run({ runOnly: ['color-contrast', 'list', 'listitem', 'document-title', 'html-has-lang'] })
        })
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html).slice(0, 3)]),
          [],
        )
      }))

  it('states the same as its text part, in the same order', () =>
    open(1000, 'light', async (tab) => {
      const shown = (await tab.locator('body').allInnerTexts()).join()
      assert.equal(shown.replaceAll(/\s+/g, ''), plain(noticeText(notice!, options)))
    }))
})
