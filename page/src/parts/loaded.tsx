import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

type State<Data> = { readonly data?: Data; readonly error?: string }

/** Shows data when it is read, and the reason if it cannot be read. */
export function Loaded<Data>({
  read,
  of,
  children,
}: {
  readonly read: () => Promise<Data>
  /** Reads again when it changes. */
  readonly of: string
  readonly children: (data: Data) => ComponentChildren
}) {
  const [state, setState] = useState<State<Data> & { readonly of?: string }>({})
  useEffect(() => {
    let isCurrent = true
    read().then(
      (data) => isCurrent && setState({ data, of }),
      (error: unknown) => isCurrent && setState({ error: error instanceof Error ? error.message : String(error), of }),
    )
    return () => {
      isCurrent = false
    }
  }, [of])
  if (state.of !== of) return <p class="loading">Reading …</p>
  if (state.error !== undefined) return <p class="warning">{state.error}</p>
  return <>{children(state.data as Data)}</>
}
