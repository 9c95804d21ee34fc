import type { RenameRefusalKind } from '../../action/parent-renames.ts'

const otherwise = 'use --strategy bind-mount, which writes to no image'

/** What to do about each kind of refusal to rename the parent of an image. */
export const remedies: Readonly<Record<RenameRefusalKind, string>> = {
  damaged: `Run dr-drill assess to see what is wrong with it, or ${otherwise}.`,
  marked: `Repair a copy of it with qemu-img check -r all and compare both, or ${otherwise}.`,
  feature: `To recover without a rebase, ${otherwise}.`,
  qemu: `Install a newer qemu-img there if it is too old, or ${otherwise}.`,
  name: 'Run dr-drill assess to find the images that have this name.',
  room: `To recover without a longer name, ${otherwise}.`,
  parent: 'Run dr-drill assess to see what is wrong with the parent.',
  cycle: 'Run dr-drill assess to find its chain. No recovery makes it restorable.',
  secret: 'Pass the folder with its secret: --secrets DIR.',
  'read-only': `Make the share writable there, or ${otherwise}.`,
  full: `Free some space on the share, or ${otherwise}.`,
  owner: 'Pass the owner of the images with --user UID:GID, or correct the owner of this one.',
  immutable: 'Remove the attribute on the server of the share (chattr -i, chattr -a).',
  busy: 'Wait until no backup or restore uses it, and run the command again.',
  locks: `Mount the share with nolock, or start its lock service. Or ${otherwise}.`,
  file: `Check the file on the share, or ${otherwise}.`,
}
