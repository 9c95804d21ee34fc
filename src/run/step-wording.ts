import { nearest } from '../input/nearest.ts'

/**
 * The known wording that a step comes nearest to, if any does.
 * @param wordings Cucumber expressions, or sources of regular expressions
 */
export function nearestWording(text: string, wordings: Iterable<string>): string | undefined {
  const known = new Map([...wordings].map((wording) => [plain(wording), wording]))
  return known.get(nearest(plain(text), known.keys()) ?? '')
}

/** Without what a step and its wording differ in anyway: values, what is optional, alternatives. */
function plain(wording: string): string {
  return wording
    .replaceAll(/"[^"]*"|\{[^}]*\}|\b\d+\b/g, '{}')
    .replaceAll(/[()]/g, '')
    .replaceAll(/(\S+)\/\S+/g, '$1')
}
