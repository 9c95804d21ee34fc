import type { PathFinding } from '../../reason/path-evidence.ts'
import type { ReasonKind } from '../../reason/reason.ts'
import type { Refusal } from './strategy.ts'

const remedies: Readonly<Partial<Record<ReasonKind, string>>> = {
  'permission denied':
    'Give the product’s user access to the share. Its owner is often a number that differs between sites.',
  'denied by policy': 'Find the denial in the audit log (ausearch -m avc, or dmesg for AppArmor), and allow it.',
  'stale handle': 'Unmount it, and mount the share again.',
  'not connected': 'Restart the process that mounts it, and mount it again.',
  'not answering': 'Check the server of the share, and the network.',
  locked: 'Wait for the backup that writes to it, or start rpc.statd.',
  'not visible yet': 'Run it again in a minute.',
  'another target': 'Mount the share of this target there, or unmount a stale bind.',
  'image missing': 'Mount the share there first, as the product does.',
  'origin path empty': 'Unmount what is bound there, and run it again.',
  'origin path not a directory': 'Move it away.',
  'origin path missing': 'Unmount what is bound there, and run it again.',
}

/** Why nothing is prepared where the expected images are not read through a path. */
export function fileRefusal(path: string, { reason, why }: PathFinding): Omit<Refusal, 'origin'> {
  return {
    why: why ?? `the expected images are not read through ${path}`,
    remedy: (reason && remedies[reason]) ?? 'Check the path on the node.',
  }
}
