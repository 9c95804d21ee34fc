import { parentDirectories } from './paths.ts'

/** One change to one node, as data: it can be printed, saved, turned into a script, applied and taken back. */
export type Action =
  /** Makes the directory of an origin path, with every level above it. */
  | { readonly kind: 'make-directory'; readonly path: string }
  /** Makes what is at the local path appear at the origin path, until the next reboot. */
  | { readonly kind: 'bind'; readonly local: string; readonly origin: string }
  /** Keeps the bind in /etc/fstab, in a marked block at its end. */
  | { readonly kind: 'persist'; readonly local: string; readonly origin: string }

/** What was there before an action; what taking it back needs. */
export interface StateBefore {
  /** For `make-directory`: the topmost directory that did not exist, if any. */
  readonly firstMissing?: string
  /** For `bind`: the file system at the local path, and which folder of it. */
  readonly of?: string
  /** For `bind` and `persist`: it was so already. */
  readonly present?: boolean
  /** For `persist`: the last line of fstab had no end. */
  readonly isCutShort?: boolean
}

/** How an action is taken back. */
export type Inverse =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'remove-directories'; readonly paths: readonly string[] }
  /** Only what was bound: it is `of` that, or of what is at the local path now. */
  | { readonly kind: 'unbind'; readonly origin: string; readonly local?: string; readonly of?: string }
  | { readonly kind: 'forget'; readonly local: string; readonly origin: string; readonly isCutShort?: boolean }

/** What came, or would come, of taking one step back. */
export interface Fate {
  /** `there`: it was taken back, or would be. `gone`: there is nothing of it. `stays`: something stands against it. */
  readonly state: 'there' | 'gone' | 'stays'
  readonly why?: string
}

/** Takes back exactly what the action changed, given what was there before. */
export function inverse(action: Action, before: StateBefore): Inverse {
  switch (action.kind) {
    case 'make-directory': {
      const { firstMissing } = before
      if (firstMissing === undefined) return { kind: 'nothing' }
      const made = [...parentDirectories(action.path), action.path].filter(
        (path) => path === firstMissing || path.startsWith(`${firstMissing}/`),
      )
      return { kind: 'remove-directories', paths: made.reverse() }
    }
    case 'bind':
      return before.present === true
        ? { kind: 'nothing' }
        : {
            kind: 'unbind',
            origin: action.origin,
            local: action.local,
            ...(before.of !== undefined && { of: before.of }),
          }
    case 'persist':
      return before.present === true
        ? { kind: 'nothing' }
        : {
            kind: 'forget',
            local: action.local,
            origin: action.origin,
            ...(before.isCutShort && { isCutShort: true }),
          }
  }
}

/** What an action does, in one line for a person. */
export function sentence(action: Action): string {
  switch (action.kind) {
    case 'make-directory':
      return `make the directory ${action.path}`
    case 'bind':
      return `bind ${action.local} to ${action.origin}`
    case 'persist':
      return `keep the bind of ${action.local} to ${action.origin} in /etc/fstab`
  }
}

/** What taking an action back does, in one line for a person; undefined where that is nothing. */
export function inverseSentence(step: Inverse): string | undefined {
  switch (step.kind) {
    case 'nothing':
      return undefined
    case 'remove-directories':
      return `remove ${step.paths.join(', ')}, where empty`
    case 'unbind':
      return `unmount ${step.origin}, if it is what was bound`
    case 'forget':
      return `take the bind of ${step.local} to ${step.origin} out of /etc/fstab`
  }
}
