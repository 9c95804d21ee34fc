import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import axe from 'axe-core'
import { type Browser, chromium } from 'playwright-core'
import { makeKeyPair } from '../shell/key-pair.ts'
import { briefingPageHtml } from './briefing-page-html.ts'
import { exerciseSchema } from './exercise-schema.ts'
import { Mailbox } from './mailbox.ts'
import { ask } from './page-request.fixture.ts'
import { PageServer } from './page-server.ts'
import { participantState } from './participant-state.ts'

const program = '/usr/bin/chromium'
const skip = existsSync(program) ? false : 'not run: chromium is not installed (apt-get install chromium)'
const hostile = '<img src=x onerror="document.title=1"> </script>'

const script = exerciseSchema.parse({
  ...{ title: `The page ${hostile}`, level: 'easy', briefing: `Tuesday, 08:30.\n\n${hostile}` },
  roles: [{ name: 'storage', briefing: 'Only you know the shares.' }],
  objectives: [
    { name: 'All nodes read', within: '20m', check: { imagesReadOn: 'every node' } },
    { name: 'It restores' },
  ],
  hints: [{ text: 'the secret hint', price: '2m' }],
  injects: [{ name: 'a secret inject', at: '10m', powerCut: 'compute-1' }],
  lookAt: ['a secret question'],
})
const mailbox = new Mailbox()
const exercise = { script, clock: { ms: 3_725_000 }, limitMs: 5_400_000, isPaused: true, isRunning: true, mailbox }
const people = ['ann', 'ben'].map((name) => ({
  ...{ name, key: makeKeyPair(name), nodes: new Set(['appliance', 'recovery-appliance', 'recovery/appliance']) },
  ...(name === 'ann' && { role: 'storage' }),
}))
const mail = (from: string, subject: string, text: string) =>
  mailbox.deliver({ clockMs: 61_000, at: new Date(0), from, subject, text })

describe('the pages of participants', { timeout: 60_000 }, () => {
  let pages: PageServer
  before(async () => {
    pages = await PageServer.open(
      people.map((person) => ({ html: briefingPageHtml, state: () => participantState(exercise, person) })),
    )
    mail('CIO', 'When?', `Now? ${hostile}`)
  })
  after(() => pages?.[Symbol.dispose]())

  it('have an address of their own for each person, and obey nothing', async () => {
    const [ann = '', ben = ''] = pages.urls
    assert.notEqual(ann, ben)
    assert.equal((await ask(ann)).status, 200)
    assert.equal((await ask(ben)).status, 200)
    const headers = { 'Content-Type': 'application/json' }
    for (const command of ['done', 'off', 'hint', 'pause', 'verify'])
      assert.equal((await ask(`${ann}do`, { method: 'POST', headers, body: JSON.stringify({ command }) })).status, 404)
    assert.equal((await ask(`${new URL(ann).origin}/${'A'.repeat(24)}/`)).status, 404)
    assert.equal((await ask(ann, { headers: { Host: `evil.example:${new URL(ann).port}` } })).status, 403)
  })

  it('hold nothing that the script keeps from participants', () => {
    for (const person of people) assert.doesNotMatch(JSON.stringify(participantState(exercise, person)), /secret/)
  })

  it('are not served at an address that this machine does not have', async () => {
    await assert.rejects(PageServer.open([], '192.0.2.1'), /cannot listen on 192\.0\.2\.1/)
  })

  describe('in a browser', { skip }, () => {
    let browser: Browser
    before(async () => {
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
      browser = await chromium.launch({ executablePath: program, args })
    })
    after(() => browser?.close())

    for (const width of [1280, 390])
      it(`show the briefing, the clock and the mail as text at ${width} px, and keep an open mail open`, async () => {
        const tab = await browser.newPage({ viewport: { width, height: 844 } })
        const wrong: string[] = []
        tab.on('pageerror', (error) => wrong.push(error.message))
        tab.on('console', (message) => wrong.push(message.text()))
        await tab.goto(pages.urls[0] ?? '')
        await tab.waitForSelector('text=Tuesday, 08:30.')
        await tab.click('text=CIO')
        await tab.locator('text=Now?').waitFor({ state: 'visible' })
        const text = (await tab.locator('header, main').allInnerTexts()).join('\n')
        for (const expected of [
          ...['1:02:05', 'of 1:30:00', 'paused', 'Role: storage', 'Only you know the shares.', 'within 20m'],
          ...['You are the user ann', 'ssh -F ssh_config exercise verify', '<img src=x'],
        ])
          assert.ok(text.includes(expected), `${expected}:\n${text}`)
        assert.equal(await tab.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
        mail('Help desk', `Ticket ${width}`, 'A user asks')
        pages.update()
        await tab.waitForSelector(`text=Ticket ${width}`)
        assert.ok(await tab.locator('text=Now?').isVisible(), 'the open mail has closed')
        await tab.evaluate(axe.source)
        const found = (await tab.evaluate('axe.run()')) as { violations: { id: string; nodes: unknown[] }[] }
        assert.deepEqual(
          found.violations.map(({ id, nodes }) => `${id} ${JSON.stringify(nodes).slice(0, 300)}`),
          [],
        )
        if (process.env['LIVE_PAGE_SCREENSHOTS'] !== undefined)
          await tab.screenshot({
            path: `${process.env['LIVE_PAGE_SCREENSHOTS']}/briefing-${width}.png`,
            fullPage: true,
          })
        assert.deepEqual(wrong, [])
        await tab.close()
      })
  })
})
