import type { PageSummary } from '../../../src/report/page/page-data.ts'
import type { Route } from '../data/route.ts'
import { AllView } from './all.tsx'
import { ChainsView } from './chains.tsx'
import { ControlsView } from './controls.tsx'
import { DrillView } from './drill.tsx'
import { DrillsView } from './drills.tsx'
import { EnvironmentView } from './environment.tsx'
import { GlossaryView } from './glossary.tsx'
import { Overview } from './overview.tsx'
import { ProcedureView } from './procedure.tsx'
import { TimelineView } from './timeline.tsx'
import { TopologyView } from './topology.tsx'

/** The view that an address names. */
export function View({ summary, route }: { readonly summary: PageSummary; readonly route: Route }) {
  switch (route.view) {
    case 'drills':
      return <DrillsView parameters={route.parameters} />
    case 'drill':
      return <DrillView key={route.drill} id={route.drill ?? ''} route={route} />
    case 'timeline':
      return <TimelineView drill={route.drill} />
    case 'topology':
      return <TopologyView drill={route.drill} />
    case 'chains':
      return <ChainsView drill={route.drill} />
    case 'procedure':
      return <ProcedureView paragraph={route.drill} />
    case 'controls':
      return <ControlsView />
    case 'environment':
      return <EnvironmentView summary={summary} />
    case 'glossary':
      return <GlossaryView />
    case 'all':
      return <AllView summary={summary} />
    default:
      return <Overview summary={summary} />
  }
}
