/** `1 image`, `2 images` */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `one`, `one and two`, `one, two and 3 more` */
export function listed(names: readonly string[], max: number): string {
  const shown = names.slice(0, max)
  const rest = names.length - shown.length
  const all = rest > 0 ? [...shown, `${rest} more`] : shown
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
