import type { PageDrill, PageEnd, PageIndex, PageSummary } from '../../../src/report/page/page-data.ts'

/** Returns the data of the first screen. */
export function readSummary(): PageSummary {
  const text = document.getElementById('summary')?.textContent
  if (text === null || text === undefined) throw new Error('This page has no data. It was cut, or it is a template.')
  return JSON.parse(text) as PageSummary
}

let index: Promise<PageIndex> | undefined

/** Returns the list of all drills. */
export function readIndex(): Promise<PageIndex> {
  index ??= unpack<PageIndex>('index')
  return index
}

/** Decoded drills, the last one last. A page can hold hundreds, so only a few are kept. */
const drills = new Map<string, Promise<PageDrill>>()
const maxKept = 4

/** Returns a drill with its evidence. */
export function readDrill(id: string): Promise<PageDrill> {
  const drill = drills.get(id) ?? unpack<PageDrill>(`drill-${id}`)
  drills.delete(id)
  drills.set(id, drill)
  for (const old of [...drills.keys()].slice(0, -maxKept)) drills.delete(old)
  return drill
}

/** Returns the end of the page. Undefined if the file was cut. */
export async function readEnd(): Promise<PageEnd | undefined> {
  await whole()
  const text = document.getElementById('end')?.textContent
  return text === null || text === undefined ? undefined : (JSON.parse(text) as PageEnd)
}

async function unpack<Data>(id: string): Promise<Data> {
  // The browser can show the first screen before it has read the whole file.
  if (document.getElementById(id) === null) await whole()
  const element = document.getElementById(id)
  if (element === null) throw new Error('This part of the page is missing: the file was cut.')
  const bytes = Uint8Array.from(atob(element.textContent ?? ''), (character) => character.charCodeAt(0))
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return (await new Response(json).json()) as Data
}

/** Resolves when the browser has read the whole page. */
function whole(): Promise<void> {
  if (document.readyState !== 'loading') return Promise.resolve()
  return new Promise((resolve) => document.addEventListener('DOMContentLoaded', () => resolve(), { once: true }))
}
