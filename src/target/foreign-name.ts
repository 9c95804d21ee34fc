/**
 * The kind of a name that the product did not write: a `copy` of something beside it, a `leftover` of an
 * interrupted copy or of an editor, or a folder of the `storage` itself.
 */
export type ForeignKind = 'copy' | 'leftover' | 'storage'

const id = '[\\da-fA-F]{8}(?:-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}'
const withFolder = new RegExp(`(?:workload|snapshot|vm_id|vm_res_id)_${id}`)
const withImage = new RegExp(`^(?!${id}$).*${id}`, 's')
const withRecord = /^(?!\w+_db$).*[a-z]_db/s

/** Snapshots, waste and bookkeeping of filers and file systems. Some hold whole earlier states of the target. */
const ofStorage =
  /^(\.snapshots?|~snapshot|#snapshot|\.zfs|\.ckpt|\.glusterfs|\.Trash.*|lost\+found|@eaDir|[@#]Recycle|\$RECYCLE\.BIN|System Volume Information)$/i
/** `.name.XXXXXX` and `.~tmp~` of rsync, `.nfs…` of NFS, `.name.swp` and `#name#` of editors, `name.partial` of others. */
const ofInterruption = /^[.#]|\.(partial|part|filepart|tmp|temp|crdownload|inprogress)$/i
const ofCopy = /(\.(bak|backup|old|orig|save|copy|prev|new)|~|[ _-]*\(\d+\)|[ _-]+(copy|old|bak|backup)([ _-]*\d+)?)$/i

/** Classifies a name that is not in its place in the tree. Undefined for one that resembles nothing. */
export function foreignKind(name: string): ForeignKind | undefined {
  if (ofStorage.test(name)) return 'storage'
  if (ofInterruption.test(name)) return 'leftover'
  return holdsFolderName(name) || withImage.test(name) || withRecord.test(name) ? 'copy' : undefined
}

/** True if the name of a workload, a snapshot, a VM or a disk is part of a name. */
export const holdsFolderName = (name: string): boolean => withFolder.test(name)

/** True for a name that ends like that of a copy, whatever it begins with: `.bak`, `.old`, `~`, ` (1)`, `_copy`. */
export const endsLikeCopy = (name: string): boolean => ofCopy.test(name) || ofInterruption.test(name)
