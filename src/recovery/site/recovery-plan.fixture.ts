import type { RecoveryPlan } from './recovery-plan.ts'

export const [local, origin] = ['/mounts/L2xvY2Fs', '/mounts/L29yaWdpbg==']
export const state = {
  where: 'a/compute',
  found: [],
  targets: [{ host: { path: local, kind: 'directory' } }],
  pairs: [
    {
      local: { path: local, kind: 'directory' },
      origin: { path: origin, kind: 'missing' },
      isKeptInFstab: false,
      isLocalInFstab: true,
    },
  ],
  isSystemd: true,
  qemuImg: 'qemu-img version 7.2.22',
} as const
/** A node that needs one bind. */
export const node = {
  where: 'a/compute',
  actions: [
    { kind: 'make-directory', path: origin },
    { kind: 'bind', local, origin },
  ],
  refusals: [],
  notes: [],
  state,
} as const
export const expectedImage = { path: 'workload_1/x', sizeBytes: 1, mtimeMs: 1, head: 'h', tail: 't' }
/** A plan of one bind on one node. */
export const plan: RecoveryPlan = {
  madeAt: '2026-01-01T00:00:00.000Z',
  site: 'a',
  targets: [local],
  strategy: 'bind-mount',
  persist: false,
  madeWith: {},
  user: { uid: 162, gid: 162 },
  images: 2,
  formats: {},
  needs: [{ origin, local, was: '', images: 1 }],
  broken: [],
  unclear: [],
  unread: [],
  expected: [{ target: local, images: [expectedImage] }],
  foreign: 0,
  listedBy: 'a/compute',
  nodes: [node],
  unknown: [],
}
