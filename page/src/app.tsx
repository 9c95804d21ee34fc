import { useEffect, useRef, useState } from 'preact/hooks'
import type { PageEnd, PageSummary } from '../../src/report/page/page-data.ts'
import { readEnd } from './data/page-source.ts'
import { parseRoute, type Route, type ViewName, viewLink, viewNames } from './data/route.ts'
import { className } from './parts/marks.tsx'
import { Shortcuts } from './parts/shortcuts.tsx'
import { View } from './views/view.tsx'

/** The whole page: navigation, and the view that the address names. */
export function App({ summary }: { readonly summary: PageSummary }) {
  const route = useRoute()
  const [end, setEnd] = useState<PageEnd | 'missing'>()
  useEffect(() => void readEnd().then((found) => setEnd(found ?? 'missing')), [])
  useEffect(() => {
    document.title = `${summary.verdict}: ${summary.run} · dr-drill`
  }, [summary])
  const main = useRef<HTMLElement>(null)
  const place = `${route.view}/${route.drill ?? ''}`
  const last = useRef(place)
  useEffect(() => {
    if (last.current === place) return
    last.current = place
    if (route.entry !== undefined || route.step !== undefined) return
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [place, route])
  return (
    <div class="page">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class={`masthead ${className(summary.verdict)}`}>
        <a href="#overview" class="brand">
          dr-drill
        </a>
        <span class="run">{summary.run}</span>
      </header>
      <nav aria-label="Views">
        <ul>
          {viewNames.map((name) => (
            <li key={name}>
              <a href={viewLink(name)} aria-current={isCurrent(name, route) ? 'page' : undefined}>
                {name}
                {name === 'drills' && <span class="count">{summary.drillCount}</span>}
              </a>
            </li>
          ))}
          <li>
            <a href={viewLink('all')} aria-current={route.view === 'all' ? 'page' : undefined}>
              print all
            </a>
          </li>
        </ul>
        <Shortcuts />
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        {end === 'missing' && <p class="warning">This file was cut: its end is missing, and so are drills.</p>}
        {summary.cut !== undefined && <p class="warning">{summary.cut}</p>}
        {end !== undefined && end !== 'missing' && end.warning !== undefined && (
          <p class="warning">
            This page has {Math.round(end.sizeBytes / 1024 / 1024)} MiB. {end.warning}
          </p>
        )}
        <View summary={summary} route={route} />
      </main>
      <footer>
        Made by dr-drill {summary.version} from the journal of the run, and from nothing else. This page loads nothing.
      </footer>
    </div>
  )
}

function isCurrent(name: ViewName, { view }: Route): boolean {
  return name === view || (name === 'drills' && view === 'drill')
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const update = (): void => setRoute(parseRoute(location.hash))
    window.addEventListener('hashchange', update)
    return () => window.removeEventListener('hashchange', update)
  }, [])
  return route
}
