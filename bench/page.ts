import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { LocalShell } from '../src/shell/local.ts'
import { type Comparison, compare, type Unit } from './comparison.ts'
import { largeJournal, largestDrill, scenarioCount, writeJournal } from './sample-run.ts'

/** What a page of a large run may take. */
const budget = { writeMs: 5_000, memoryMib: 300, fileMib: 15, firstScreenMs: 1_000, drillMs: 500 } as const

interface Measured {
  readonly ms: number
  readonly memoryMib: number
  readonly fileMib: number
}

/** Measures the page of a run with 500 scenarios and 50,000 journal entries, on paper and in Chromium. */
export class PageBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-page-'))
  readonly #journal = join(this.#folder, 'journal.ndjson')
  readonly #page = join(this.#folder, 'index.html')
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  prepare(): void {
    writeJournal(this.#journal, largeJournal())
  }

  async compare(rounds: number): Promise<readonly Comparison[]> {
    const within = (name: string, unit: Unit, limit: number, measure: () => Promise<number>) =>
      compare(
        name,
        'its budget',
        { rounds, goal: { atMost: 1 }, unit },
        {
          tool: async () => ({ total: await measure() }),
          hand: async () => ({ total: limit }),
        },
      )
    const subject = `page of ${scenarioCount} scenarios`
    return [
      await within(`${subject}, written`, 'ms', budget.writeMs, async () => (await this.#write()).ms),
      await within(`${subject}, memory`, 'MiB', budget.memoryMib, async () => (await this.#write()).memoryMib),
      await within(`${subject}, size`, 'MiB', budget.fileMib, async () => (await this.#write()).fileMib),
      await within(`${subject}, first screen`, 'ms', budget.firstScreenMs, () => this.#open('', '.verdict')),
      await within(`${subject}, largest drill`, 'ms', budget.drillMs, () => this.#goTo(`#drill/d${largestDrill + 1}`)),
    ]
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #write(): Promise<Measured> {
    const program = join(import.meta.dirname, 'page-process.ts')
    const argv = [process.execPath, program, this.#journal, this.#page] as const
    const { stdout } = await new LocalShell().run(argv, { signal: this.#signal, deadlineMs: 120_000 })
    return JSON.parse(stdout) as Measured
  }

  /** Returns the time from opening the page until an element is drawn. */
  async #open(hash: string, selector: string): Promise<number> {
    return await this.#inChromium(async (tab) => {
      const startedMs = performance.now()
      await tab.goto(`file://${this.#page}${hash}`, { waitUntil: 'commit' })
      await tab.waitForSelector(selector)
      return performance.now() - startedMs
    })
  }

  /** Returns the time from following a link until the drill is drawn. */
  async #goTo(hash: string): Promise<number> {
    return await this.#inChromium(async (tab) => {
      await tab.goto(`file://${this.#page}#drills`)
      await tab.waitForSelector('.drill-list')
      const startedMs = performance.now()
      await tab.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      await tab.waitForSelector('.steps')
      return performance.now() - startedMs
    })
  }

  async #inChromium(measure: (tab: Awaited<ReturnType<typeof newTab>>['tab']) => Promise<number>): Promise<number> {
    const { tab, browser } = await newTab()
    try {
      return await measure(tab)
    } finally {
      await browser.close()
    }
  }
}

async function newTab() {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  return { tab: await browser.newPage(), browser }
}
