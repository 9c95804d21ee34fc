import { inflateRawSync } from 'node:zlib'
import type { JournalEntry } from '../../journal/journal.ts'
import { page } from './page.ts'
import type { PageDrill, PageEnd, PageIndex, PageSummary } from './page-data.ts'

/** The data of a page, read from its HTML. */
export interface PageBlocks {
  readonly html: string
  readonly summary: PageSummary
  readonly index: PageIndex
  readonly drills: readonly PageDrill[]
  readonly end: PageEnd
}

/** Writes a page, and reads its blocks as a browser does. */
export async function pageBlocks(entries: readonly JournalEntry[]): Promise<PageBlocks> {
  return blocksIn((await Array.fromAsync(page(entries))).join(''))
}

/** Reads the blocks of a page as a browser does. */
export function blocksIn(html: string): PageBlocks {
  const scripts = html.matchAll(/<script type="([^"]+)" id="([^"]+)">([^<]*)<\/script>/g)
  const blocks = [...scripts].map(([, type, id = '', text = '']) => ({
    id,
    data: JSON.parse(type === 'application/json' ? text : unpacked(text)) as unknown,
  }))
  const block = (wanted: string): unknown => blocks.find(({ id }) => id === wanted)?.data
  return {
    html,
    summary: block('summary') as PageSummary,
    index: block('index') as PageIndex,
    drills: blocks.filter(({ id }) => id.startsWith('drill-')).map(({ data }) => data as PageDrill),
    end: block('end') as PageEnd,
  }
}

function unpacked(base64: string): string {
  return inflateRawSync(Buffer.from(base64, 'base64')).toString('utf8')
}
