import { z } from 'zod'
import { whyNotPlain } from '../action/paths.ts'
import { strategies, strategyNamed } from '../strategy/index.ts'
import type { RecoveryPlan } from './recovery-plan.ts'

const text = z.string()
const path = z.string().refine((one) => whyNotPlain(one) === undefined, 'must be an absolute and plain path')
const user = z.looseObject({ uid: z.int().min(1, 'must not be root'), gid: z.int().min(0) })
const count = z.int().min(0)
const origin = z.looseObject({ origin: text.optional(), images: count })

const pathState = z.looseObject({
  path: text,
  kind: z.enum(['missing', 'directory', 'other', 'unreadable']),
  link: text.optional(),
  mount: z.looseObject({ of: text, type: text, source: text, isShared: z.boolean() }).optional(),
  isEmpty: z.boolean().optional(),
  id: text.optional(),
})
const pair = z.looseObject({
  local: pathState,
  origin: pathState,
  service: z.looseObject({ local: pathState, origin: pathState }).optional(),
  isKeptInFstab: z.boolean(),
  isLocalInFstab: z.boolean(),
})
const state = z.looseObject({
  where: text,
  targets: z.array(z.looseObject({ host: pathState, service: pathState.optional() })),
  pairs: z.array(pair),
  isSystemd: z.boolean(),
  whyNotFstab: text.optional(),
  serviceUnknown: text.optional(),
  found: z.array(z.looseObject({ path: text, local: text })),
  qemuImg: text,
  serviceQemuImg: text.optional(),
})

const rename = z.strictObject({
  path,
  from: text,
  to: text,
  parent: path.optional(),
  secretId: text.optional(),
  also: z.array(text).optional(),
})
/** A change to a node, in plans and in records of what was done. */
export const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('make-directory'), path }),
  z.strictObject({ kind: z.literal('bind'), local: path, origin: path }),
  z.strictObject({ kind: z.literal('persist'), local: path, origin: path }),
  z.strictObject({ kind: z.literal('rename-parents'), user, targets: z.array(path), renames: z.array(rename) }),
])
const refusal = z.looseObject({ origin: text.optional(), why: text, remedy: text })
const node = z.looseObject({
  where: text.min(1),
  actions: z.array(actionSchema),
  refusals: z.array(refusal),
  notes: z.array(text),
  state,
})

const expectedImage = z.looseObject({
  path: text.refine((one) => whyNotPlain(`/${one}`) === undefined, 'must be a plain path below the target'),
  sizeBytes: count,
  mtimeMs: z.number(),
  head: text.optional(),
  tail: text,
})

/** The type makes every part of a plan have a schema. */
const parts: Readonly<Record<keyof RecoveryPlan, z.ZodType>> = {
  madeAt: text,
  site: text.min(1),
  targets: z.array(path).min(1, 'has no mount path'),
  strategy: z.enum(strategies.map(({ name }) => name)),
  persist: z.boolean(),
  madeWith: z.looseObject({ user: user.optional(), service: z.union([text, z.record(text, text)]).optional() }),
  user: user.optional(),
  images: count,
  formats: z.record(text, count),
  listedBy: text.min(1),
  needs: z.array(z.looseObject({ origin: text, local: path, was: text, images: count })),
  broken: z.array(origin),
  unclear: z.array(origin),
  unread: z.array(text),
  expected: z.array(z.looseObject({ target: path, images: z.array(expectedImage) })),
  foreign: count,
  recommendation: z.looseObject({ strategy: text, why: text }).optional(),
  missingInput: z.looseObject({ message: text, remedy: text }).optional(),
  nodes: z.array(node),
  unknown: z.array(z.looseObject({ where: text.min(1), why: text })),
}

/** A plan as it is in a file. It must be consistent: a plan that was edited by hand could leave out what it decides about. */
export const planSchema = z.looseObject(parts).superRefine((loose, context) => {
  // The schema of each part has been checked before.
  const plan = loose as unknown as RecoveryPlan
  const odd = (at: readonly PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path: [...at], message })
  const names = [...plan.nodes, ...plan.unknown].map(({ where }) => where)
  const [twice] = names.filter((name, index) => names.indexOf(name) !== index)
  if (plan.nodes.length === 0 && plan.unknown.length === 0) odd(['nodes'], 'has no node')
  if (twice !== undefined) odd(['nodes'], `has the node ${JSON.stringify(twice)} twice`)
  if (!names.includes(plan.listedBy))
    odd(['listedBy'], `is ${JSON.stringify(plan.listedBy)}, which is not a node of the plan`)
  const keyOf = (one: { readonly local: string; readonly origin: string }) => JSON.stringify([one.local, one.origin])
  const needed = new Set(plan.needs.map(keyOf))
  for (const [index, need] of plan.needs.entries())
    if (!plan.targets.includes(need.local)) odd(['needs', index, 'local'], 'is not one of the targets')
    else if (plan.unread.length === 0 && !hasExpected(plan, need.local))
      odd(['needs', index, 'local'], 'has no expected image')
  for (const [index, { where, state, actions }] of plan.nodes.entries()) {
    if (state.where !== where) odd(['nodes', index, 'state', 'where'], `is not ${JSON.stringify(where)}`)
    const pairs = new Set(state.pairs.map(({ local, origin }) => keyOf({ local: local.path, origin: origin.path })))
    if (pairs.symmetricDifference(needed).size > 0)
      odd(['nodes', index, 'state', 'pairs'], 'are not those that the plan needs')
    for (const [at, action] of actions.entries()) {
      const isNeeded =
        action.kind === 'rename-parents'
          ? strategyNamed(plan.strategy).imagesAfter !== undefined
          : plan.needs.some((need) =>
              action.kind === 'make-directory' ? need.origin === action.path : keyOf(need) === keyOf(action),
            )
      if (!isNeeded) odd(['nodes', index, 'actions', at], 'is not an action for what the plan needs')
    }
  }
})

function hasExpected({ expected }: RecoveryPlan, local: string): boolean {
  return expected.some(({ target, images }) => target === local && images.length > 0)
}
