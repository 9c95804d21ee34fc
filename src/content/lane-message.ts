import type { ReadFailure } from './read-failure.ts'
import type { Stretch } from './stretches.ts'

/** A request to a thread. It is answered with a `LaneAnswer` of the same number. */
export type LaneRequest =
  | { readonly number: number; readonly do: 'open'; readonly socket: string; readonly stallMs: number }
  | { readonly number: number; readonly do: 'digest'; readonly socket: string; readonly stretches: readonly Stretch[] }
  | { readonly number: number; readonly do: 'close'; readonly socket: string }

export type LaneAnswer =
  | { readonly number: number; readonly records: Uint8Array<ArrayBuffer> }
  | { readonly number: number; readonly failure: ReadFailure }
