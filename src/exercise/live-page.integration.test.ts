import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import axe from 'axe-core'
import { type Browser, chromium } from 'playwright-core'
import { until } from '../concurrency/deadline.ts'
import { LivePage } from './live-page.ts'
import { ask } from './page-request.fixture.ts'

const program = '/usr/bin/chromium'
const skip = existsSync(program) ? false : 'not run: chromium is not installed (apt-get install chromium)'
const hostile = '<img src=x onerror="document.title=1"> \u202e</script>'

const state = {
  ...{ title: `The page ${hostile}`, clockMs: 3_725_000, limitMs: 5_400_000, isPaused: false, isRunning: true },
  objectives: [
    {
      name: 'All nodes read',
      state: 'does not hold',
      detail: 'recovery/compute-2: origin path missing',
      within: '20m',
    },
    { name: 'web belongs to alice', state: 'holds', metAtMs: 65_000, detail: '4 of 4 records' },
    { name: 'It restores', state: undefined },
  ],
  people: [
    {
      name: 'ann',
      role: 'storage',
      doing: [{ node: 'recovery/compute-2', command: `mount --bind ${'x'.repeat(200)}` }],
    },
    { name: 'ben', doing: [] },
  ],
  injects: [
    { text: 'The CIO asks', when: 'at 10m', state: 'waiting' },
    { text: hostile, when: 'at 1m', state: 'fired' },
  ],
  hints: { taken: 1, count: 3, price: '2m' },
  lookAt: ['Who reads aloud?'],
  timeline: ['00:01  ann entered recovery/compute-2', `00:02  ${hostile}`],
}

describe('the page of the facilitator', { timeout: 60_000 }, () => {
  let page: LivePage
  const obeyed: (readonly [string, string | undefined])[] = []
  before(async () => {
    page = await LivePage.open({
      state: () => state,
      obey: async (command, argument) => {
        obeyed.push([command, argument])
        return command === 'skip' ? 'No such inject is waiting.' : undefined
      },
    })
  })
  after(() => page?.[Symbol.dispose]())

  const json = { 'Content-Type': 'application/json' }

  it('answers this machine only, at its secret address, under its own name', async () => {
    const { host, port } = new URL(page.url)
    assert.match(host, /^127\.0\.0\.1:/)
    assert.equal((await ask(page.url)).status, 200)
    assert.equal((await ask(`http://${host}/`)).status, 404)
    assert.equal((await ask(`http://${host}/${'A'.repeat(24)}/events`)).status, 404)
    assert.equal((await ask(page.url, { headers: { Host: `evil.example:${port}` } })).status, 403)
  })

  it('obeys commands in JSON, and no others', async () => {
    const send = (body: string, headers: Record<string, string> = json) =>
      ask(`${page.url}do`, { method: 'POST', body, headers })
    obeyed.length = 0
    assert.equal((await send('{"command":"fire","argument":"2"}')).status, 200)
    assert.deepEqual(await send('{"command":"skip"}'), { status: 409, text: 'No such inject is waiting.' })
    assert.equal((await send('{"command":"done"}', { 'Content-Type': 'text/plain' })).status, 415)
    assert.equal((await send('{"command":7}')).status, 400)
    assert.equal((await send('no json')).status, 400)
    assert.equal((await send(`{"command":"${'x'.repeat(10_000)}"}`)).status, 413)
    assert.deepEqual(obeyed, [
      ['fire', '2'],
      ['skip', undefined],
    ])
  })

  describe('in a browser', { skip }, () => {
    let browser: Browser
    before(async () => {
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
      browser = await chromium.launch({ executablePath: program, args })
    })
    after(() => browser?.close())

    for (const [device, width] of [
      ['a desk', 1280],
      ['a phone', 390],
    ] as const)
      it(`shows everything on ${device}, as text, without scrolling sideways, and obeys its buttons`, async () => {
        const tab = await browser.newPage({ viewport: { width, height: 844 } })
        const wrong: string[] = []
        tab.on('pageerror', (error) => wrong.push(error.message))
        tab.on('console', (message) => {
          // A refused command is an answer with the status 409.
          if (message.type() === 'error' && !message.text().includes('409')) wrong.push(message.text())
        })
        await tab.goto(page.url)
        await tab.waitForSelector('text=All nodes read')
        const text = (await tab.locator('header, main').allInnerTexts()).join('\n')
        for (const expected of [
          '1:02:05',
          'of 1:30:00',
          '✘ does not hold',
          '✔ holds',
          '– judged at the end',
          'within 20m',
        ])
          assert.ok(text.includes(expected), `${expected}:\n${text}`)
        assert.ok(text.includes('<img src=x'), 'a hostile text is not shown as text')
        assert.match(await tab.title(), /^1:02:05 The page <img/)
        assert.equal(await tab.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
        obeyed.length = 0
        await tab.click('text=Fire')
        await tab.click('text=Skip')
        await tab.waitForSelector('text=No such inject is waiting.')
        await tab.fill('#text', 'Five minutes left')
        await tab.click('text=Send')
        const isSent = async () => ((await tab.inputValue('#text')) === '' ? true : undefined)
        await until('the message to be sent', isSent, { deadlineMs: 10_000 })
        assert.deepEqual(obeyed, [
          ['fire', '1'],
          ['skip', '1'],
          ['message', 'Five minutes left'],
        ])
        await tab.evaluate(axe.source)
        const found = (await tab.evaluate('axe.run()')) as { violations: { id: string; nodes: unknown[] }[] }
        assert.deepEqual(
          found.violations.map(({ id, nodes }) => `${id} ${JSON.stringify(nodes).slice(0, 300)}`),
          [],
        )
        if (process.env['LIVE_PAGE_SCREENSHOTS'] !== undefined)
          await tab.screenshot({ path: `${process.env['LIVE_PAGE_SCREENSHOTS']}/${width}.png`, fullPage: true })
        assert.deepEqual(wrong, [])
        await tab.close()
      })

    it('asks before it ends the exercise', async () => {
      const tab = await browser.newPage()
      await tab.goto(page.url)
      await tab.waitForSelector('text=All nodes read')
      obeyed.length = 0
      tab.once('dialog', (dialog) => void dialog.dismiss())
      await tab.click('#done')
      tab.once('dialog', (dialog) => void dialog.accept())
      await tab.click('#off')
      await until('the command', async () => (obeyed.length > 0 ? true : undefined), { deadlineMs: 10_000 })
      assert.deepEqual(obeyed, [['off', 'on the page']])
      await tab.close()
    })
  })
})
