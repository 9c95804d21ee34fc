import type { RecordProblem } from '../../target/record-files.ts'
import { counted } from '../../text/plural.ts'
import type { FoundDisk, FoundPart, FoundSnapshot, FoundWorkload, Oddity } from '../scan/found.ts'
import type { SiteMounts } from '../site/site-mounts.ts'
import { dateFindings } from './image-dates.ts'
import { longChainLinks, unnamedSecret } from './judged-chain.ts'
import { isMinor } from './minor-record.ts'
import { missingImages, rootCauseOf } from './obstacle.ts'
import { recordDifferences } from './record-sizes.ts'
import { isInFuture, momentOf } from './snapshot-age.ts'
import { snapshotSizeFindings } from './snapshot-sizes.ts'
import type { FindingCode, TargetFinding } from './target-finding.ts'
import type { JudgedImage } from './verdict.ts'
import { isPlace } from './workload-tree.ts'

/** All findings in a workload, each once, in the place where it begins. */
export function* findingsIn(
  workload: FoundWorkload,
  images: readonly JudgedImage[],
  { owner, nowMs }: { readonly owner: SiteMounts['owner']; readonly nowMs: number },
): Generator<TargetFinding> {
  const missing = missingImages(images.map(({ verdict }) => verdict))
  for (const image of images) yield* findingsOfImage(image, owner, missing)
  yield* deletedButNeeded(images)
  const folder = `workload_${workload.workloadId}`
  yield* sharedFindings(folder, images)
  for (const part of workload.parts)
    for (const finding of findingsOfPart(folder, part, images, nowMs)) yield { ...finding, target: part.target }
  yield* snapshotSizeFindings(workload, images)
  yield* dateFindings(images)
  yield* findingsOfRecords(folder, workload)
}

function* findingsOfPart(
  folder: string,
  part: FoundPart,
  images: readonly JudgedImage[],
  nowMs: number,
): Generator<TargetFinding> {
  yield* unread(folder, part.unread)
  yield* part.problems.map(ofProblem)
  yield* part.oddities.map(ofOddity)
  const bySnapshot = Map.groupBy(images, ({ verdict }) => verdict.snapshotId)
  for (const snapshot of part.snapshots) {
    const ofIt = bySnapshot.get(snapshot.snapshotId) ?? []
    yield* findingsOfSnapshot(`${folder}/snapshot_${snapshot.snapshotId}`, snapshot, ofIt, nowMs)
  }
}

/** A target that has a part of a workload needs no records of it if another target has them. */
function* findingsOfRecords(folder: string, { parts }: FoundWorkload): Generator<TargetFinding> {
  const isReported = (name: string) =>
    parts.some(({ problems, unread }) => unread !== undefined || isAbout(problems, name))
  const record = parts.find((part) => part.record !== undefined)?.record
  if (record === undefined && !isReported('workload_db')) yield missing(folder, 'workload_db')
  if (parts.every(({ hasVms }) => hasVms !== true) && !isReported('workload_vms_db'))
    yield missing(folder, 'workload_vms_db')
  if (record?.isDeleted)
    yield { code: 'workload-not-available', where: folder, message: 'its record marks it as deleted' }
  else if (record?.status !== undefined && !/^(available|locked)$/i.test(record.status))
    yield { code: 'workload-not-available', where: folder, message: `status ${record.status}` }
}

const missing = (where: string, name: string): TargetFinding => ({
  code: 'missing-record',
  where,
  message: `${name} is missing`,
})

function* findingsOfImage(
  { verdict, image, chain }: JudgedImage,
  owner: SiteMounts['owner'],
  missingPaths: ReadonlySet<string>,
): Generator<TargetFinding> {
  const { path, defect, role, target } = verdict
  const here = (code: FindingCode, message: string): TargetFinding => ({ code, where: path, message, target })
  if (defect !== undefined && defect.path === path && defect.target === target) {
    const { code } = rootCauseOf(defect, missingPaths)
    yield { ...here(defect.code, defect.why), ...(code !== defect.code && { followsFrom: code }) }
  }
  if (image === undefined || chain === undefined) return
  const { header, problem, uid, gid } = image.image
  if (header?.backing !== undefined && image.parent?.format === undefined)
    yield here('backing-format-missing', 'its header does not state the format of its parent')
  const { tables } = image.image
  // A recorded digest may prove the content right. The tables remain wrong.
  const isCleared = tables?.verdict === 'suspect' && defect === undefined
  if (tables?.verdict === 'minor' || isCleared)
    yield here('minor-table-errors', tables?.why ?? 'its tables contradict each other')
  for (const difference of recordDifferences(image)) yield here('record-disagrees', difference)
  const vaultUrl = image.row?.vaultUrl
  if (vaultUrl !== undefined && !isPlace(vaultUrl, path))
    yield here('record-disagrees', `disk_db gives the path ${vaultUrl}`)
  if (owner !== undefined && problem?.kind !== 'unreadable' && (uid !== owner.uid || gid !== owner.gid))
    yield here('unexpected-owner', `owned by ${uid}:${gid}, but the site's user is ${owner.uid}:${owner.gid}`)
  if (role === 'extra') yield here('unrecorded-image', 'not recorded in disk_db')
  if (role === 'base') yield here('image-booted', 'a base that the disk beside it reads through')
  if (role === 'disk' && chain.length > longChainLinks) yield here('long-chain', `its chain has ${chain.length} images`)
}

/** Findings that many chains of a workload share, once each. */
function* sharedFindings(workload: string, images: readonly JudgedImage[]): Generator<TargetFinding> {
  const disks = images.flatMap(({ verdict }) => (verdict.role === 'disk' && verdict.isThere ? verdict : []))
  const once = (
    code: FindingCode,
    lists: readonly (readonly string[])[],
    message: (one: string, of: number) => string,
  ) =>
    [...Map.groupBy(lists, (list) => list.toSorted().join(', '))].map(
      ([text, alike]): TargetFinding => ({ code, where: workload, message: message(text, alike.length) }),
    )
  const mixed = disks.flatMap(({ originPaths }) => (originPaths.length > 1 ? [originPaths] : []))
  yield* once(
    'mixed-origin-paths',
    mixed,
    (paths, of) => `${counted(of, 'chain has', 'chains have')} links under ${paths}`,
  )
  const secrets = disks.flatMap(({ secrets }) => (secrets.length > 0 ? [secrets] : []))
  yield* once(
    'encrypted',
    secrets,
    (names, of) =>
      `${counted(of, 'chain needs', 'chains need')} the secret ${names.replace(unnamedSecret, 'that no record states')}`,
  )
}

/** One finding for each snapshot, however many others read through it. */
function* deletedButNeeded(images: readonly JudgedImage[]): Generator<TargetFinding> {
  const seen = new Set<FoundSnapshot>()
  for (const { image, chain } of images) {
    const needed = chain?.parent
    if (image === undefined || needed?.snapshot.record?.isDeleted !== true) continue
    if (image.snapshot.record?.isDeleted || seen.has(needed.snapshot)) continue
    seen.add(needed.snapshot)
    const where = `workload_${needed.workloadId}/snapshot_${needed.snapshot.snapshotId}`
    const message = `marked as deleted, but ${image.path} reads through it`
    yield { code: 'deleted-but-needed', where, message, target: needed.target }
  }
}

function* findingsOfSnapshot(
  folder: string,
  snapshot: FoundSnapshot,
  images: readonly JudgedImage[],
  nowMs: number,
): Generator<TargetFinding> {
  yield* unread(folder, snapshot.unread)
  yield* snapshot.problems.map(ofProblem)
  yield* snapshot.oddities.map(ofOddity)
  if (snapshot.unread !== undefined) return
  const { record, problems, disks, resources, vmNames } = snapshot
  if (record === undefined && !isAbout(problems, 'snapshot_db')) yield missing(folder, 'snapshot_db')
  if (resources === undefined && !isAbout(problems, 'resources_db')) yield missing(folder, 'resources_db')
  if (vmNames === undefined && !isAbout(problems, 'snapshot_vms_db')) yield missing(folder, 'snapshot_vms_db')
  for (const disk of disks) if (hasNoRecord(disk, problems)) yield missing(disk.folder, 'disk_db')
  const status = record?.status
  if (status !== undefined && status.toLowerCase() !== 'available' && !record?.isDeleted)
    yield {
      code: 'snapshot-not-available',
      where: folder,
      message: `status ${status}${isIntact(images) ? ', although its images are intact' : ''}`,
    }
  if (isInFuture(momentOf(record?.createdAt), nowMs))
    yield { code: 'dated-in-the-future', where: folder, message: `recorded as taken at ${record?.createdAt}` }
}

function isIntact(images: readonly JudgedImage[]): boolean {
  return images.length > 0 && images.every(({ verdict }) => verdict.isThere && verdict.defect === undefined)
}

function hasNoRecord({ folder, rows, unread }: FoundDisk, problems: readonly RecordProblem[]): boolean {
  return rows === undefined && unread === undefined && !problems.some(({ file }) => file.startsWith(`${folder}/`))
}

function isAbout(problems: readonly RecordProblem[], name: string): boolean {
  return problems.some(({ file }) => file.endsWith(`/${name}`))
}

function* unread(where: string, message: string | undefined): Generator<TargetFinding> {
  if (message !== undefined) yield { code: 'unreadable', where, message }
}

export function ofProblem(problem: RecordProblem): TargetFinding {
  const { file, line, column, message } = problem
  const code = isMinor(problem) ? 'unreadable-minor-record' : 'unreadable-record'
  return { code, where: `${file}:${line}:${column}`, message }
}

export function ofOddity({ kind, path, message }: Oddity): TargetFinding {
  return { code: kind, where: path, message: message ?? kind }
}
