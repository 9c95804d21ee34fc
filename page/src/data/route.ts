export const viewNames = [
  'overview',
  'drills',
  'timeline',
  'topology',
  'chains',
  'procedure',
  'controls',
  'environment',
  'glossary',
] as const
export type ViewName = (typeof viewNames)[number] | 'drill' | 'all'

/** A place in the page. Every place has an address, so that it can be sent to somebody. */
export interface Route {
  readonly view: ViewName
  /** The drill that the view shows. */
  readonly drill?: string
  /** The number of a step, from 0. */
  readonly step?: number
  /** `seq` of a journal entry. */
  readonly entry?: number
  readonly parameters: URLSearchParams
}

/** Reads the hash of an address. An unknown one is the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const [view = '', drill, kind, number] = path.split('/').map(decode)
  const parameters = new URLSearchParams(query)
  const known = [...viewNames, 'drill', 'all'].find((name) => name === view) as ViewName | undefined
  if (known === undefined || (known === 'drill' && !drill)) return { view: 'overview', parameters }
  const count = Number(number)
  return {
    view: known,
    parameters,
    ...(drill ? { drill } : {}),
    ...(kind === 'step' && Number.isInteger(count) ? { step: count } : {}),
    ...(kind === 'entry' && Number.isInteger(count) ? { entry: count } : {}),
  }
}

export const drillLink = (drill: string): string => `#drill/${encodeURIComponent(drill)}`
export const stepLink = (drill: string, step: number): string => `${drillLink(drill)}/step/${step}`
export const entryLink = (drill: string, seq: number): string => `${drillLink(drill)}/entry/${seq}`
export const viewLink = (view: ViewName, drill?: string): string =>
  drill === undefined ? `#${view}` : `#${view}/${encodeURIComponent(drill)}`

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
