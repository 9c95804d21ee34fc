import { useEffect, useState } from 'preact/hooks'
import { completeMark } from '../../../src/report/page/complete-mark.ts'
import type { DrillRow, PageDrill, PageSummary } from '../../../src/report/page/page-data.ts'
import { readDrill, readIndex } from '../data/page-source.ts'
import { drillLink } from '../data/route.ts'
import { TitlePage } from '../parts/title-page.tsx'
import { DrillArticle } from './drill.tsx'
import { EnvironmentView } from './environment.tsx'
import { GlossaryView } from './glossary.tsx'
import { Overview } from './overview.tsx'

type Read = { readonly row: DrillRow; readonly drill: PageDrill }

/** The whole report from top to bottom, for a printer or an archive: evidence stays folded. */
export function AllView({ summary }: { readonly summary: PageSummary }) {
  const [state, setState] = useState<{ readonly drills: readonly Read[]; readonly isDone: boolean }>({
    drills: [],
    isDone: false,
  })
  useEffect(() => {
    let isCurrent = true
    const readAll = async (): Promise<void> => {
      const drills: Read[] = []
      for (const row of (await readIndex()).drills) {
        if (!isCurrent) return
        if (row.hasDetails) drills.push({ row, drill: await readDrill(row.id) })
      }
      setState({ drills, isDone: true })
      // A printer reads from the title whether it has the whole report.
      document.title += completeMark
    }
    readAll().catch(() => setState((before) => ({ ...before, isDone: true })))
    return () => {
      isCurrent = false
    }
  }, [])
  return (
    <div class="all">
      <p class="no-print" role="status">
        {state.isDone ? (
          <button type="button" onClick={() => window.print()}>
            Print
          </button>
        ) : (
          `Reading ${summary.drillCount} drills …`
        )}
      </p>
      <TitlePage summary={summary} rows={state.drills.map(({ row }) => row)} />
      <div id="part-overview">
        <Overview summary={summary} />
      </div>
      <div id="part-environment">
        <EnvironmentView summary={summary} />
      </div>
      {state.drills.map(({ row, drill }) => (
        <div key={row.id} id={drillLink(row.id).slice(1)}>
          <DrillArticle row={row} drill={drill} siblings={[]} />
        </div>
      ))}
      <div id="part-glossary">
        <GlossaryView />
      </div>
    </div>
  )
}
