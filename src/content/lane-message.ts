import type { ReadFailure } from './read-failure.ts'
import type { Stretch } from './stretches.ts'

/** What a thread is told: each is answered with a `LaneAnswer` of the same number. */
export type LaneOrder =
  | { readonly number: number; readonly do: 'open'; readonly socket: string; readonly stallMs: number }
  | { readonly number: number; readonly do: 'digest'; readonly socket: string; readonly stretches: readonly Stretch[] }
  | { readonly number: number; readonly do: 'close'; readonly socket: string }

export type LaneAnswer =
  | { readonly number: number; readonly records: Uint8Array<ArrayBuffer> }
  | { readonly number: number; readonly failure: ReadFailure }
