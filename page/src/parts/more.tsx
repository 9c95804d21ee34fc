import type { ComponentChildren } from 'preact'

/** The note at the end of a list that holds more than it shows. */
export function More({ count, children }: { readonly count: number; readonly children?: ComponentChildren }) {
  if (count === 0) return null
  return (
    <p class="more">
      … and {count} more. {children}
    </p>
  )
}
