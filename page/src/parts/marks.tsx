const marks: Readonly<Record<string, string>> = {
  passed: '✔',
  pass: '✔',
  failed: '✘',
  fail: '✘',
  unknown: '?',
  incomplete: '?',
  'not run': '–',
  skipped: '–',
  'not reached': '–',
  'not seen': '–',
  restored: '✔',
}

/** An outcome or a verdict: a sign, a color and a word, so that no one needs to see the color. */
export function Outcome({ of, isShort = false }: { readonly of: string; readonly isShort?: boolean }) {
  return (
    <span class={`outcome ${className(of)}`}>
      <span aria-hidden="true">{marks[of] ?? '•'}</span> <span class={isShort ? 'for-readers' : ''}>{of}</span>
    </span>
  )
}

/** The name of the class that colors an outcome. */
export function className(outcome: string): string {
  if (outcome === 'pass' || outcome === 'restored') return 'passed'
  if (outcome === 'fail') return 'failed'
  if (outcome === 'incomplete') return 'unknown'
  if (outcome === 'skipped' || outcome === 'not reached' || outcome === 'not seen') return 'not-run'
  return outcome.replace(' ', '-')
}
