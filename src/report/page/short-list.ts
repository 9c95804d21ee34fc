import type { ShortList } from './page-data.ts'

/** Returns the first items of a list, and how many more it has. */
export function shortList<Item>(items: readonly Item[], maxItems: number): ShortList<Item> {
  return { items: items.slice(0, maxItems), more: Math.max(0, items.length - maxItems) }
}
