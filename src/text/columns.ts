import { table } from './table.ts'

export { bytes } from './bytes.ts'
export { age } from './duration.ts'

/** Lines with columns of even width. */
export function columns(rows: readonly (readonly string[])[], isRight: readonly boolean[] = []): readonly string[] {
  const count = Math.max(0, ...rows.map(({ length }) => length))
  const all = Array.from({ length: count }, (_, index) => (isRight[index] ? { align: 'right' as const } : {}))
  return table(all, rows)
}
