const { compare } = new Intl.Collator('en', { numeric: true })

/** Orders names as people expect them: `web-2` before `web-10`. */
export const byName = (a: string, b: string): number => compare(a, b)
