import type { ComponentChildren } from 'preact'

/** A part that scrolls by itself, and can be reached by keyboard. */
export function Scrolls({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard.
    <section class="scrolls" tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
