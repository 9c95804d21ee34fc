import { defineParameterType } from '@cucumber/cucumber'
import { type ImageRecord, parseReason, parseShare, type WordedReason } from '../../src/index.ts'
import type { NodeChoice } from './node.ts'
import type { Reading } from './reading.ts'

/** The images or restores that a step is about. Each property that is left out leaves the choice as wide as it is. */
export interface RestoreChoice {
  readonly type?: ImageRecord['type']
  readonly workload?: string
  readonly snapshot?: number
  /** `compute-1`, or `primary/compute-1`. */
  readonly node?: string
  /** Every node, or every compute, of the site that came up last. */
  readonly nodes?: NodeChoice
  /** True for snapshots: each of them has to be restored. A claim about restores is about those that were made. */
  readonly areSnapshots?: true
}

/** Why restores fail, and where. */
export interface FailureChoice extends WordedReason {
  /** A node, or `there`: the node that they are made on. */
  readonly on?: string
}

const ofWorkload = ' of "([^"]*)"'

/**
 * Snapshots, each with all of its disks.
 * @example every snapshot
 * @example every snapshot of "web"
 * @example snapshot 3 of "web"
 * @example the full snapshot of "web"
 */
defineParameterType({
  name: 'snapshots',
  regexp: new RegExp(`every snapshot(?:${ofWorkload})?|(?:snapshot (\\d+)|the full snapshot)${ofWorkload}`),
  transformer(ofAll?: string, snapshot?: string, ofOne?: string): RestoreChoice {
    if (ofOne !== undefined) return { workload: ofOne, snapshot: Number(snapshot ?? 1) }
    return ofAll === undefined ? {} : { workload: ofAll }
  },
  useForSnippets: false,
})

/**
 * Restores of the last `When`. `every restore` means those that it made. `every snapshot` means every snapshot that was
 * backed up, with all of its disks: a claim about it fails if the `When` has restored fewer, or on fewer nodes than the claim
 * names.
 * @example every restore
 * @example the restore
 * @example every snapshot
 * @example every snapshot of "web" restored on every compute
 * @example every full snapshot
 * @example every incremental snapshot of "web"
 * @example snapshot 3 of "web" restored on "compute-1"
 */
defineParameterType({
  name: 'restores',
  regexp: new RegExp(
    `(?:snapshot (\\d+)|(?:every|the) (restore|snapshot|full snapshot|incremental snapshot))(?:${ofWorkload})?(?:(?: restored)? on (?:"([^"]*)"|every (node|compute)))?`,
  ),
  transformer(
    this: Reading,
    snapshot?: string,
    what?: string,
    workload?: string,
    node?: string,
    role?: string,
  ): RestoreChoice {
    if (node !== undefined) this?.planned?.require(node)
    return {
      ...(what === 'full snapshot' && { type: 'full' }),
      ...(what === 'incremental snapshot' && { type: 'incremental' }),
      ...(what !== 'restore' && { areSnapshots: true }),
      ...(snapshot !== undefined && { snapshot: Number(snapshot) }),
      ...(workload !== undefined && { workload }),
      ...(node !== undefined && { node }),
      ...(role !== undefined && { nodes: role === 'compute' ? { computesOnly: true } : {} }),
    }
  },
  useForSnippets: false,
})

/**
 * Why a restore fails, and if it matters where: on a node, or `there`, on the node that it is made on.
 * @example the origin path is missing
 * @example the origin path "/var/triliovault-mounts/L3Vwc3RyZWFt" is empty
 * @example the origin path of "10.10.2.20:/gold" is missing
 * @example the origin path is not a directory
 * @example its parent is missing
 * @example its image is missing
 * @example an image is not visible there yet
 * @example permission is denied
 * @example a policy denies it
 * @example an image is locked
 * @example an image is not in qcow2 format
 * @example an image leads out of its target
 * @example its chain returns to itself
 * @example its content is wrong
 * @example the share has a stale handle
 * @example the share is not connected
 * @example the share is not answering
 * @example the origin path is missing on "appliance"
 * @example permission is denied there
 */
defineParameterType({
  name: 'reason',
  regexp: /(.+?)(?: on "([^"]*)"| (there))?/,
  transformer(this: Reading, text: string, node?: string, there?: string): FailureChoice {
    if (node !== undefined) this?.planned?.require(node)
    const reason = parseReason(text)
    if (reason.share !== undefined) parseShare(reason.share)
    const on = node ?? there
    return { ...reason, ...(on !== undefined && { on }) }
  },
  useForSnippets: false,
})
