import { featureOf } from '../journal/scenario.ts'
import { changedFiles, type FileDigests } from './changed-files.ts'
import type { RunRecord, ScenarioRecord } from './run-record.ts'

/** What a verdict rests on. Each can change later. */
export interface VerdictGround {
  /** The version of dr-drill. */
  readonly version: string
  /** SHA-256 of the feature. Undefined if it does not exist, or is not known. */
  readonly featureDigest?: string | undefined
  /** SHA-256 of topology files, by their names in the feature. */
  readonly topologies: ReadonlyMap<string, string>
  /** SHA-256 of the project's own steps, and of what they import. Undefined if it is not known. */
  readonly code?: FileDigests | undefined
  /** SHA-256 of the files of runbooks. Undefined if they are not known. */
  readonly runbooks?: FileDigests | undefined
  /** The digest of the recipe of the guest image. Undefined if it is not known. */
  readonly guestImage?: string | undefined
  /** Kernel releases of the guests. Empty if they are not known. */
  readonly kernels: readonly string[]
}

/** Returns what the verdict of a scenario in a run rests on. */
export function groundOf(run: RunRecord, { featureDigest, topologies, runbooks }: ScenarioRecord): VerdictGround {
  const { version, guestImage, kernels, code } = run
  return {
    version,
    guestImage,
    kernels,
    code,
    runbooks,
    featureDigest,
    topologies: new Map(Object.entries(topologies)),
  }
}

/** Returns what differs between two grounds of the same scenario. A fact that one of them does not have is no difference. */
export function changesBetween(
  { location }: Pick<ScenarioRecord, 'location'>,
  was: VerdictGround,
  is: VerdictGround,
): readonly string[] {
  const differ = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && a !== b
  const [kernelsWere, kernelsAre] = [was.kernels.join(' and '), is.kernels.join(' and ')]
  return [
    ...(differ(was.featureDigest, is.featureDigest) ? [`${featureOf(location)} has changed`] : []),
    ...[...was.topologies].flatMap(([file, digest]) =>
      differ(digest, is.topologies.get(file)) ? [`the topology ${file} has changed`] : [],
    ),
    ...(was.code && is.code ? changedFiles(was.code, is.code) : []),
    ...(was.runbooks && is.runbooks ? changedFiles(was.runbooks, is.runbooks) : []),
    ...(was.version === is.version ? [] : [`dr-drill ${was.version} was used, and now it is ${is.version}`]),
    ...(differ(was.guestImage, is.guestImage)
      ? [`the guest image ${was.guestImage} was used, and now it is ${is.guestImage}`]
      : []),
    ...(kernelsWere !== '' && kernelsAre !== '' && kernelsWere !== kernelsAre
      ? [`the guests ran Linux ${kernelsWere}, and now ${kernelsAre}`]
      : []),
  ]
}
