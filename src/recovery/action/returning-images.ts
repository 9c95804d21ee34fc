/** Returns the images whose chain of new parents returns to them. @param renames all of them: a cycle can lead through any number */
export function returningImages(
  renames: readonly { readonly path: string; readonly parent?: string }[],
): ReadonlySet<string> {
  const parents = new Map(renames.map(({ path, parent }) => [path, parent]))
  const seen = new Set<string>()
  const returning = new Set<string>()
  for (const start of parents.keys()) {
    const way = new Set<string>()
    let at: string | undefined = start
    while (at !== undefined && !seen.has(at)) {
      seen.add(at)
      way.add(at)
      at = parents.get(at)
    }
    // A way that ends at an image of itself has come around.
    if (at === undefined || !way.has(at)) continue
    for (let one: string | undefined = at; one !== undefined && !returning.has(one); one = parents.get(one))
      returning.add(one)
  }
  return returning
}
