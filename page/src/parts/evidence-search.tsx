import { useState } from 'preact/hooks'
import type { DrillRow } from '../../../src/report/page/page-data.ts'
import { counted } from '../../../src/text/plural.ts'
import { readDrill } from '../data/page-source.ts'
import { drillLink, entryLink } from '../data/route.ts'
import { entryTitle } from './entry-title.ts'

interface Hit {
  readonly drill: string
  readonly name: string
  readonly seq: number
  readonly title: string
}

interface Search {
  readonly text: string
  readonly done: number
  readonly hits: readonly Hit[]
}

const maxHits = 100
const maxHitsOfDrill = 5

/** Searches the evidence of all drills, one after another: commands, outputs, records. */
export function EvidenceSearch({ text, rows }: { readonly text: string; readonly rows: readonly DrillRow[] }) {
  const [search, setSearch] = useState<Search>()
  if (text.length < 3) return null
  const drills = rows.filter(({ hasDetails }) => hasDetails)
  const start = async (): Promise<void> => {
    const hits: Hit[] = []
    for (const [index, { id, name }] of drills.entries()) {
      if (hits.length >= maxHits) break
      hits.push(...(await hitsIn(id, name, text)))
      setSearch({ text, done: index + 1, hits: [...hits] })
    }
  }
  const current = search?.text === text ? search : undefined
  return (
    <section class="evidence-search" aria-label="Search in the evidence">
      {current === undefined ? (
        <button type="button" onClick={() => void start()}>
          Search the evidence of all drills for “{text}”
        </button>
      ) : (
        <>
          <p role="status">
            {counted(current.hits.length, 'entry', 'entries')} found in {current.done} of{' '}
            {counted(drills.length, 'drill')}
          </p>
          <ul>
            {current.hits.map(({ drill, name, seq, title }) => (
              <li key={`${drill} ${seq}`}>
                <a href={entryLink(drill, seq)}>{title === '' ? `entry ${seq}` : title}</a> in{' '}
                <a href={drillLink(drill)}>{name}</a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

async function hitsIn(drill: string, name: string, text: string): Promise<readonly Hit[]> {
  const wanted = text.toLowerCase()
  const { entries } = await readDrill(drill)
  return entries
    .filter((entry) => JSON.stringify(entry).toLowerCase().includes(wanted))
    .slice(0, maxHitsOfDrill)
    .map((entry) => ({ drill, name, seq: entry.seq, title: entryTitle(entry).text.slice(0, 160) }))
}
