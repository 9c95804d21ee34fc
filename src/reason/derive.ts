import { errorSentence, isAbsence, kindOfError } from './error-kind.ts'
import type { Attempt, ChainObservation, Evidence, ObservedLink } from './evidence.ts'
import type { Reason, ReasonKind } from './reason.ts'

/**
 * Derives why a restore failed. Undefined if it has the recorded content. The output of tools decides nothing: every kind
 * but `unknown` rests on observations on the node, or on the content.
 */
export function derive(evidence: Evidence): Reason | undefined {
  const { attempts, observation, restoredDigest, recordedDigest } = evidence
  const failed = attempts.find((attempt) => attempt.ended !== 'exited' || attempt.exitCode !== 0)
  if (failed === undefined) {
    const node = attempts.at(-1)?.where ?? 'nowhere'
    if (restoredDigest === undefined)
      return { kind: 'unknown', node, sentence: `its content on ${node} was not digested` }
    if (restoredDigest === recordedDigest) return undefined
    return { kind: 'wrong content', node, sentence: `its content on ${node} differs from what was backed up` }
  }
  const because = (kind: ReasonKind, path: string | undefined, sentence: string): Reason => ({
    kind,
    node: failed.where,
    ...(path === undefined ? {} : { path }),
    sentence: `${sentence} on ${failed.where}`,
  })
  // No program was given the chain: this is all that happened.
  if (failed.refusal !== undefined) return because(failed.refusal.kind, failed.refusal.path, failed.refusal.sentence)
  if (observation === undefined || observation.where !== failed.where)
    return because('unknown', undefined, `it failed (${lastLine(failed)}) and nothing was observed`)
  if (!observation.answered) return because('not answering', undefined, 'looking at its images timed out')
  const bad = observation.links.find((link) => link.state !== 'image')
  const repeated = repeatedLink(observation.links)
  if (bad === undefined && repeated !== undefined)
    return because('cycle', repeated.path, `its chain returns to ${repeated.path}`)
  if (bad === undefined) {
    // The stall itself is an observation, whatever a later look at the first bytes shows.
    if (failed.ended === 'stalled') return because('not answering', undefined, 'it made no progress and was stopped')
    if (failed.ended === 'not tried') return because('not answering', undefined, 'an earlier restore made no progress')
    return because('unknown', undefined, `it failed (${lastLine(failed)}) although its links look sound`)
  }
  return because(...defectOf(bad, observation))
}

/** Returns the last link if the chain has its file already. */
function repeatedLink(links: readonly ObservedLink[]): ObservedLink | undefined {
  const last = links.at(-1)
  const isSame = ({ path, file }: ObservedLink) => path === last?.path || (file !== undefined && file === last?.file)
  return links.slice(0, -1).some(isSame) ? last : undefined
}

function defectOf(link: ObservedLink, observation: ChainObservation): [ReasonKind, string, string] {
  const { path, state, modesPermit, mountPath } = link
  if (state === 'outside the targets')
    return ['unsafe image', path, `${path} is outside of the targets, and was not opened`]
  if (state === 'not visible yet') return [state, path, `${path} appeared only after it had failed,`]
  const kind = kindOfError(state, modesPermit)
  const above = kindOfError(mountPath.state, mountPath.modesPermit)
  // A folder that cannot be listed can be passed through: its denial explains only a missing file.
  if (above !== undefined && above !== kind && (isAbsence(state) || !isDenial(above)))
    return [above, mountPath.path, errorSentence(above, mountPath.path, mountPath.state)]
  if (kind !== undefined) return [kind, path, errorSentence(kind, path, state)]
  if (state === 'not qcow2' || state === 'not a file') return ['not qcow2', path, `${path} is ${state}`]
  // The image itself is on a share of this site, and never under an origin path.
  const isUnderOrigin = link !== observation.links[0]
  // A file, or a symbolic link that leads to itself.
  if (isUnderOrigin && (mountPath.state === 'ENOTDIR' || mountPath.state === 'ELOOP'))
    return [
      'origin path not a directory',
      mountPath.path,
      `the origin path ${mountPath.path} is not a directory (${mountPath.state})`,
    ]
  if (!isAbsence(state)) return ['unknown', path, `${path} cannot be opened (${state})`]
  if (!isUnderOrigin) return ['image missing', path, `the image ${path} is missing`]
  if (isAbsence(mountPath.state))
    return ['origin path missing', mountPath.path, `the origin path ${mountPath.path} is missing`]
  if (mountPath.entries === 0)
    return ['origin path empty', mountPath.path, `the origin path ${mountPath.path} is empty`]
  return ['parent missing', path, `the parent ${path} is missing`]
}

const isDenial = (kind: ReasonKind): boolean => kind === 'permission denied' || kind === 'denied by policy'

function lastLine({ stderr, exitCode }: Attempt): string {
  return stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`
}
