import type { Subject } from './subject.ts'

/** `error`: something cannot be restored, or is unknown; `warning`: it can, but needs attention; `note`: information. */
export type Severity = 'error' | 'warning' | 'note'

interface FindingKind {
  readonly severity: Severity
  /** What to do, in one or two sentences. */
  readonly toDo: string
}

/** All kinds of findings, by their codes. */
export const findingKinds = {
  'missing-parent': {
    severity: 'error',
    toDo: 'Copy the missing parent from the source of the replication.',
  },
  'parent-outside-targets': {
    severity: 'error',
    toDo: 'Pass the target that holds the parent as another PATH. If no target holds it, do not open this image.',
  },
  'parent-mismatch': {
    severity: 'error',
    toDo: 'Compare header and records with another copy of the target: they disagree about the parent.',
  },
  truncated: {
    severity: 'error',
    toDo: 'Copy the image again from the source of the replication.',
  },
  'not-qcow2': {
    severity: 'error',
    toDo: 'Copy the image again: this file is not an image.',
  },
  damaged: {
    severity: 'error',
    toDo: 'Copy the image again from another copy of the target: QEMU cannot read this one.',
  },
  'maybe-truncated': {
    severity: 'error',
    toDo: 'Assess with --depth content, or compare the length of the file with another copy of the target.',
  },
  'table-errors': {
    severity: 'error',
    toDo: 'Assess it with --depth content, which compares it with a recorded digest, or compare it with another copy.',
  },
  'size-mismatch': {
    severity: 'error',
    toDo: 'Copy the image again from where the target was replicated from, or assess it with --depth content.',
  },
  'minor-table-errors': {
    severity: 'warning',
    toDo: 'Restore from it as it is. Before anything writes to the image, run qemu-img check on a copy of it.',
  },
  unsupported: {
    severity: 'error',
    toDo: 'Inspect the image with the qemu-img of the site that wrote it: it requires a feature that is not supported here.',
  },
  unreadable: {
    severity: 'error',
    toDo: 'Assess as a user who may read it, on a node where the share answers.',
  },
  cycle: {
    severity: 'error',
    toDo: 'Copy the images again: a chain that returns to itself restores nothing.',
  },
  'long-chain': {
    severity: 'warning',
    toDo: 'Take full backups more often, or shorten the retention: every link is one more file that must be intact.',
  },
  'chain-too-long': {
    severity: 'error',
    toDo: 'Try to restore it: QEMU may not be able to open so many files at once.',
  },
  'backing-format-missing': {
    severity: 'warning',
    toDo: 'Pass the format before a rebase (qemu-img rebase -F qcow2). Restores are not affected.',
  },
  'backing-format-wrong': {
    severity: 'error',
    toDo: 'Correct the format of the parent in the header: read as the header states, the content would be wrong.',
  },
  'backing-name-unclear': {
    severity: 'error',
    toDo: 'Inspect the name of the parent: what it reads depends on more than the target.',
  },
  'external-data-file': {
    severity: 'error',
    toDo: 'Find out what wrote this image: the product keeps no data outside of its images.',
  },
  'mixed-origin-paths': {
    severity: 'warning',
    toDo: 'Provide all listed origin paths: one alone does not restore these chains.',
  },
  'origin-path-taken': {
    severity: 'warning',
    toDo: 'Restore on another node, or unmount what is mounted there: until then parents are looked up in it.',
  },
  'two-shares-on-one-mount-path': {
    severity: 'error',
    toDo: 'Restore from one share at a time, with a new bind for each, or rebase the images of one.',
  },
  'encodings-differ': {
    severity: 'warning',
    toDo: 'Compare both paths with the mounts of the site: services may see the share at one of them only.',
  },
  'several-owners': {
    severity: 'warning',
    toDo: "Change the owner of all images to the product's user: it may be unable to restore the others.",
  },
  'unexpected-owner': {
    severity: 'warning',
    toDo: "Change the owner of the images to the site's user before recovery (chown): the product may be unable to read them.",
  },
  'unreadable-record': {
    severity: 'error',
    toDo: 'Copy the record again: the product skips unreadable records, and reports them only in its log.',
  },
  'unreadable-minor-record': {
    severity: 'warning',
    toDo: 'Copy the record again: disks restore without it, but networks, security groups or settings do not.',
  },
  'missing-record': {
    severity: 'error',
    toDo: 'Copy the record again: without it the product does not import this, even if the images are intact.',
  },
  'record-disagrees': {
    severity: 'warning',
    toDo: 'Compare record and image with another copy of the target: they do not describe the same.',
  },
  'workload-not-available': {
    severity: 'warning',
    toDo: 'Check it in the product of the site that wrote it: a deleted or failed workload gets no new snapshots.',
  },
  'snapshot-not-available': {
    severity: 'warning',
    toDo: 'Do not rely on it: the product imports it as an error, even if its images are intact.',
  },
  'dated-in-the-future': {
    severity: 'warning',
    toDo: 'Compare the clock of the site that wrote it with the clock of this host: its age is unknown.',
  },
  'deleted-but-needed': {
    severity: 'warning',
    toDo: 'Keep it on every copy: a replication that skips deleted snapshots breaks those that read through it.',
  },
  encrypted: {
    severity: 'warning',
    toDo: 'Provide the payloads of the secrets on the recovery site: without them these chains cannot be read.',
  },
  'secret-not-named': {
    severity: 'error',
    toDo: 'Try to restore with the secret: neither the records nor the name of the parent state which secret opens it.',
  },
  'image-booted': {
    severity: 'note',
    toDo: 'Ignore it: an image-booted disk has a base and an overlay in one folder.',
  },
  'unclear-top': {
    severity: 'error',
    toDo: 'Compare disk_db with another copy of the target: it does not state which image is the disk.',
  },
  'unrecorded-image': {
    severity: 'warning',
    toDo: 'Find out where it comes from: no record lists it.',
  },
  'incomplete-replica': {
    severity: 'error',
    toDo: 'Finish the replication, or run it again: the records list images that are missing.',
  },
  leftover: {
    severity: 'warning',
    toDo: 'Check whether a copy is running or was interrupted: it leaves such files.',
  },
  copy: {
    severity: 'warning',
    toDo: 'Move it out of the target: the product does not import it, and tools that search the target may find it.',
  },
  'symbolic-link': {
    severity: 'warning',
    toDo: 'Replace the link with the file itself: symbolic links in a target are not followed.',
  },
  'not-a-file': {
    severity: 'warning',
    toDo: 'Find out what created it: FIFOs, sockets and devices do not belong in a target, and are not opened.',
  },
  unexpected: { severity: 'warning', toDo: 'Check it: it is not part of the tree that the product writes.' },
  'not-looked-at': {
    severity: 'warning',
    toDo: 'Assess again without the filter: it excludes something that is needed.',
  },
  'nothing-found': {
    severity: 'error',
    toDo: 'Check that the share is mounted there and holds what the filters select: an empty mount point looks the same.',
  },
  'not-answering': {
    severity: 'error',
    toDo: 'Check the server of the share, then assess again: only a part was read.',
  },
  'wrong-content': {
    severity: 'error',
    toDo: 'Do not restore it: it reads without an error, but its content is not what was backed up.',
  },
  'content-changed': {
    severity: 'error',
    toDo: 'Find out what wrote to it since then, and restore from another copy: it is not the disk that was read then.',
  },
  'assess-again': {
    severity: 'error',
    toDo: 'Assess again with the depth of the finding: a lighter one cannot show whether it is repaired.',
  },
  'files-changed': {
    severity: 'note',
    toDo: 'Assess with --depth content, which compares the content with what was read then.',
  },
  'disk-removed': {
    severity: 'error',
    toDo: 'Copy the disk again from another copy of the target: its snapshot still exists.',
  },
  'snapshot-removed': {
    severity: 'note',
    toDo: 'Check that its retention was over: a snapshot that was read before is gone.',
  },
  'workload-removed': {
    severity: 'warning',
    toDo: 'Check who removed it: retention keeps the newest snapshots of a workload.',
  },
  'content-unreadable': { severity: 'error', toDo: 'Copy the images of this chain again: its content cannot be read.' },
  'content-unknown': {
    severity: 'error',
    toDo: 'Provide what is missing (a secret, a program), then assess with --depth content again.',
  },
} as const satisfies Readonly<Record<string, FindingKind>>

export type FindingCode = keyof typeof findingKinds

/** Findings without a verdict on what can be restored: with one of them, an assessment is unknown. */
export const undeterminedCodes: ReadonlySet<FindingCode> = new Set([
  'nothing-found',
  'unreadable',
  'unreadable-record',
  'missing-record',
  'unclear-top',
])

/** Something that an assessment found in one place. */
export interface TargetFinding {
  readonly code: FindingCode
  /** A path below a target's mount path, or a target. */
  readonly where: string
  readonly message: string
  /** The index of the target. Undefined for what concerns several, or none. */
  readonly target?: number
  /** The kind of finding, in the same workload, that this one follows from. Undefined if it follows from no other. */
  readonly followsFrom?: FindingCode
}

/** Findings of one kind. */
export interface FindingSummary {
  readonly code: FindingCode
  readonly severity: Severity
  readonly toDo: string
  readonly count: number
  /** How many of them follow from findings of another kind, like a missing parent from a missing image. */
  readonly consequences: number
  /** How many restores fail, or are uncertain, because of it. */
  readonly restores: number
  /** A few; those that follow from others last. */
  readonly examples: readonly FindingExample[]
}

/** One finding of many, with the names of what it is about. */
export interface FindingExample extends Omit<TargetFinding, 'code'>, Subject {}
