import type { MountedHere, PairState } from './node-state.ts'

/** A sentence for each oddity of the mounts at an origin path: stacked ones, and hidden ones. */
export function mountRemarks({ origin, local }: PairState): readonly string[] {
  const { path, mount, hidden } = origin
  const below = mount?.below ?? []
  const nameOf = (one: MountedHere) => mountName(one, local.mount)
  return [
    ...(mount === undefined || below.length === 0
      ? []
      : [
          `${below.length + 1} mounts are stacked at ${path}: ${nameOf(mount)} on top, below it ${below.map(nameOf).join(', ')}. One umount removes only the topmost`,
        ]),
    ...(hidden === undefined
      ? []
      : [`${hidden.by} hides what is mounted at ${path}: ${hidden.mounts.map(nameOf).join(', ')}`]),
  ]
}

/** A mount by what it shows, compared with the mount of the share. */
export function mountName(one: MountedHere, share: MountedHere | undefined): string {
  if (share === undefined) return `${one.type} ${one.source}`
  if (one.of === share.of) return 'the share'
  const [[device, folder], [shareDevice, shareFolder]] = [partsOf(one), partsOf(share)]
  if (device !== shareDevice) return `${one.type} ${one.source}`
  return `the folder ${folder} of ${one.source}, of which the share is ${shareFolder}`
}

function partsOf({ of }: MountedHere): readonly [device: string, folder: string] {
  const at = of.indexOf(' ')
  return [of.slice(0, at), of.slice(at + 1)]
}
