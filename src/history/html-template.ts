import { escapeHtml } from '../text/escape-html.ts'

/** Text that is HTML already. */
export interface Html {
  readonly safe: string
}

/** Makes HTML from a template. Values are text, which is escaped, or HTML. */
export function html(parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html {
  const written = values.map((value) =>
    typeof value === 'object' ? value.safe : escapeHtml(`${value}`.toWellFormed()),
  )
  return { safe: parts.map((part, nth) => part + (written[nth] ?? '')).join('') }
}

/** Makes HTML of each item. */
export function each<Item>(items: readonly Item[], write: (item: Item) => Html): Html {
  return { safe: items.map((item) => write(item).safe).join('') }
}
