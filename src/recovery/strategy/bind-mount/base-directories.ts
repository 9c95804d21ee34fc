import { dirname } from 'node:path'
import { decodeMountPath } from '../../../target/origin.ts'
import type { Action } from '../../action/kinds.ts'
import { originIn } from '../../action/origin-in.ts'
import type { NodePlan, Refusal } from '../strategy.ts'

/**
 * The base directory of an origin path if neither the product nor this site has it, and it is not allowed. Undefined otherwise.
 * A name in an image must not lead to a directory being made anywhere.
 */
export function strangeBase(
  origin: string,
  targets: readonly string[],
  allowed: readonly string[] = [],
): string | undefined {
  const readings = decodeMountPath(origin)?.candidates ?? []
  const known = new Set([...targets.flatMap(basesOf), ...allowed])
  if (readings.some(({ base, isKnownBase }) => isKnownBase || known.has(base))) return undefined
  return readings[0]?.base
}

function basesOf(target: string): readonly string[] {
  return decodeMountPath(target)?.candidates.map(({ base }) => base) ?? [dirname(target)]
}

/** The plan without changes for origin paths in strange base directories. */
export function withoutStrangeBases(
  plan: NodePlan,
  targets: readonly string[],
  allowed: readonly string[] | undefined,
): NodePlan {
  const origins = [...new Set(plan.actions.flatMap((action) => originIn(action) ?? []))]
  const refusals = origins.flatMap((origin): Refusal[] => {
    const base = strangeBase(origin, targets, allowed)
    return base === undefined ? [] : [{ origin, ...strangeRefusal(origin, base) }]
  })
  const out = new Set(refusals.map(({ origin }) => origin))
  const isIn = (action: Action) => !out.has(originIn(action))
  return refusals.length === 0
    ? plan
    : { ...plan, actions: plan.actions.filter(isIn), refusals: [...plan.refusals, ...refusals] }
}

export function strangeRefusal(origin: string, base: string): Omit<Refusal, 'origin'> {
  return {
    why: `${origin} is in ${base}, which is not a base directory of the product or of this site`,
    remedy: `If the product of the lost site mounted its shares there, pass --allow-base ${base}.`,
  }
}
