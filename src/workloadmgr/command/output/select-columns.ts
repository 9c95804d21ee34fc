import { InputError } from '../../../errors.ts'
import type { View } from './view.ts'

/**
 * Returns a view with some of its columns or fields, in the order of the view, as OpenStack clients do. Names are
 * case-sensitive: a list has `ID`, and what shows one thing has `id`.
 * @param wanted all if it is empty
 * @throws InputError for an unknown name, with the known ones
 */
export function selectColumns(view: View, wanted: readonly string[]): View {
  if (wanted.length === 0) return view
  const known = view.kind === 'list' ? view.columns : Object.keys(view.fields)
  const wrong = wanted.find((name) => !known.includes(name))
  if (wrong !== undefined)
    throw new InputError(`unknown column ${JSON.stringify(wrong)}; known columns: ${known.join(', ')}`)
  if (view.kind === 'show')
    return {
      ...view,
      fields: Object.fromEntries(Object.entries(view.fields).filter(([name]) => wanted.includes(name))),
    }
  const chosen = view.columns.flatMap((name, at) => (wanted.includes(name) ? [at] : []))
  const pick = <Item>(items: readonly Item[]) => items.filter((_, at) => chosen.includes(at))
  return { ...view, columns: pick(view.columns), rows: view.rows.map(pick) }
}
