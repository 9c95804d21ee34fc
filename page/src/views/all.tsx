import { useEffect, useState } from 'preact/hooks'
import type { DrillRow, PageDrill, PageSummary } from '../../../src/report/page/page-data.ts'
import { readDrill, readIndex } from '../data/page-source.ts'
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
      <Overview summary={summary} />
      <EnvironmentView summary={summary} />
      {state.drills.map(({ row, drill }) => (
        <DrillArticle key={row.id} row={row} drill={drill} siblings={[]} />
      ))}
      <GlossaryView />
    </div>
  )
}
