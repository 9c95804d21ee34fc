import type { Subject } from './subject.ts'

/** `error`: something cannot be restored, or cannot be told; `warning`: it can, and somebody should look; `note`: to know. */
export type Severity = 'error' | 'warning' | 'note'

interface FindingKind {
  readonly severity: Severity
  /** One sentence on what to do. */
  readonly toDo: string
}

/** Everything that can be found, by its name. */
export const findingKinds = {
  'missing-parent': {
    severity: 'error',
    toDo: 'Copy the missing parent from where the target was replicated from; without it nothing above it restores.',
  },
  'parent-outside-targets': {
    severity: 'error',
    toDo: 'Name the target that has the parent as another PATH; if the name is in no target at all, do not open this image.',
  },
  'parent-mismatch': {
    severity: 'error',
    toDo: 'Compare header and records with another copy of the target: one of them has been changed since the backup.',
  },
  truncated: {
    severity: 'error',
    toDo: 'Copy the image again from where the target was replicated from; what is cut off cannot be restored.',
  },
  'not-qcow2': {
    severity: 'error',
    toDo: 'Copy the image again: something else has been written over it, or it never arrived.',
  },
  damaged: {
    severity: 'error',
    toDo: 'Copy the image again from another copy of the target; QEMU will not read this one.',
  },
  'maybe-truncated': {
    severity: 'error',
    toDo: 'Assess it with --depth content, or compare the length of the file with another copy of the target.',
  },
  unsupported: {
    severity: 'error',
    toDo: 'Look at the image with the qemu-img of the site that wrote it: it asks for what is not known here.',
  },
  unreadable: {
    severity: 'error',
    toDo: 'Assess as a user who may read it, on a node where the share answers.',
  },
  cycle: {
    severity: 'error',
    toDo: 'Copy the images again: a parent that leads back to its own child restores nothing.',
  },
  'long-chain': {
    severity: 'warning',
    toDo: 'Take a full backup sooner, or shorten the retention: each link is one more file that has to be whole.',
  },
  'chain-too-long': {
    severity: 'error',
    toDo: 'Try a restore of it: QEMU may not open so many files at once.',
  },
  'backing-format-missing': {
    severity: 'warning',
    toDo: 'Nothing for a restore; before a rebase, say the format: qemu-img rebase -F qcow2.',
  },
  'backing-format-wrong': {
    severity: 'error',
    toDo: 'Correct the format of the parent in the header: read as it says, the content would be wrong.',
  },
  'backing-name-unclear': {
    severity: 'error',
    toDo: 'Look at the name of the parent: what is read by it hangs on more than the target.',
  },
  'external-data-file': {
    severity: 'error',
    toDo: 'Find out who made this image: the product does not, and its content is somewhere else.',
  },
  'mixed-origin-paths': {
    severity: 'warning',
    toDo: 'Provide all the origin paths that are listed: one alone does not restore these chains.',
  },
  'origin-path-taken': {
    severity: 'warning',
    toDo: 'Restore on another node, or take away what is mounted there first: until then parents are looked for in it.',
  },
  'two-shares-on-one-mount-path': {
    severity: 'error',
    toDo: 'Restore from one of the shares at a time, binding the path anew in between, or rebase the images of one.',
  },
  'several-owners': {
    severity: 'warning',
    toDo: "Give all images to the product's user: those of somebody else may not be restored.",
  },
  'unexpected-owner': {
    severity: 'warning',
    toDo: "Give the images to the site's user before recovery (chown), or the product may not read them.",
  },
  'unreadable-record': {
    severity: 'error',
    toDo: 'Copy the record again: the product passes over what it cannot read, and says so only in its log.',
  },
  'unreadable-minor-record': {
    severity: 'warning',
    toDo: 'Copy the record again: disks restore without it, but networks, security groups or settings do not.',
  },
  'missing-record': {
    severity: 'error',
    toDo: 'Copy the record again: without it the product does not import this, though its images may be whole.',
  },
  'record-disagrees': {
    severity: 'warning',
    toDo: 'Compare the record with another copy of the target: it describes another place than it is in.',
  },
  'workload-not-available': {
    severity: 'warning',
    toDo: 'Look at it in the product of the site that wrote it: what is deleted there, or in error, gets no new snapshots.',
  },
  'snapshot-not-available': {
    severity: 'warning',
    toDo: 'Do not count on it: the product imports it as an error, even where its images are whole.',
  },
  'dated-in-the-future': {
    severity: 'warning',
    toDo: "Compare the clock of the site that wrote it with this host's: how old it is, is not known.",
  },
  'deleted-but-needed': {
    severity: 'warning',
    toDo: 'Keep it on every copy: a replication that leaves out deleted snapshots breaks what hangs on it.',
  },
  encrypted: {
    severity: 'warning',
    toDo: "Have the secrets' payloads on the recovery site; without them nothing of these chains can be read.",
  },
  'secret-not-named': {
    severity: 'error',
    toDo: 'Try a restore with the secret: the name of the encrypted parent does not say which secret opens it.',
  },
  'image-booted': {
    severity: 'note',
    toDo: 'Nothing: a base and an overlay in one folder are what an image-booted disk looks like.',
  },
  'unclear-top': {
    severity: 'error',
    toDo: 'Compare disk_db with another copy of the target: it is not told which of the images is the disk.',
  },
  'unrecorded-image': {
    severity: 'warning',
    toDo: 'Find out where it is from: no record names it, and no image needs it.',
  },
  'incomplete-replica': {
    severity: 'error',
    toDo: 'Let the replication finish, or run it again: records are there whose images are not.',
  },
  leftover: {
    severity: 'warning',
    toDo: 'Look whether a copy is running or was interrupted: such files are left by it.',
  },
  'symbolic-link': {
    severity: 'warning',
    toDo: 'Put the file itself there: symbolic links in a target are not followed.',
  },
  'not-a-file': {
    severity: 'warning',
    toDo: 'Find out who put it there: FIFOs, sockets and devices do not belong into a target, and are not opened.',
  },
  unexpected: { severity: 'warning', toDo: 'Look at it: it is not part of the tree that the product writes.' },
  'not-looked-at': {
    severity: 'warning',
    toDo: 'Assess again without the filter: what is needed is outside of what was asked for.',
  },
  'nothing-found': {
    severity: 'error',
    toDo: 'Look whether the share is mounted there, and has what the filters ask for: an empty mount point looks just like this.',
  },
  'not-answering': {
    severity: 'error',
    toDo: 'Look after the server of the share, and assess again: only a part has been seen.',
  },
  'wrong-content': {
    severity: 'error',
    toDo: 'Do not restore it: it reads without an error, and has other content than was backed up.',
  },
  'content-unreadable': { severity: 'error', toDo: 'Copy the images of this chain again: its content cannot be read.' },
  'content-unknown': {
    severity: 'error',
    toDo: 'Provide what is missing (a secret, a program), and assess with --depth content again.',
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

/** One thing that was found, in one place. */
export interface TargetFinding {
  readonly code: FindingCode
  /** What it is about: a path from a target's mount path, or a target. */
  readonly where: string
  readonly message: string
  /** The kind of finding, in the same workload, that this one follows from. Undefined if it follows from no other. */
  readonly followsFrom?: FindingCode
}

/** The same thing found in many places. */
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

/** One place of many, with the names of what is there. */
export interface FindingExample extends Omit<TargetFinding, 'code'>, Subject {}
