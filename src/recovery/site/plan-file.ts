import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError, MachineError } from '../../errors.ts'
import { check } from '../../input/schema-check.ts'
import { planSchema } from './plan-schema.ts'
import type { RecoveryPlan } from './recovery-plan.ts'

const format = 'dr-drill recovery plan 4'

interface PlanFile {
  readonly format: string
  readonly digest: string
  readonly plan: RecoveryPlan
}

/** Saves a plan with a digest of all its content. @throws MachineError if the file cannot be written */
export function savePlan(file: string, plan: RecoveryPlan): void {
  const saved: PlanFile = { format, digest: digestOf(plan), plan }
  try {
    writeFileSync(file, `${JSON.stringify(saved, undefined, 2)}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new MachineError('plan-file', `cannot write the plan to ${file}: ${(cause as Error).message}`, { cause })
  }
}

/** @throws InputError if the file is not a plan, or is not as it was saved */
export function loadPlan(file: string): RecoveryPlan {
  let saved: Partial<PlanFile> | null
  try {
    saved = JSON.parse(readFileSync(file, 'utf8')) as Partial<PlanFile> | null
  } catch (cause) {
    throw new InputError(`cannot read the plan ${file}: ${(cause as Error).message}`, { cause })
  }
  if (saved?.format !== format || saved.plan === undefined)
    throw new InputError(`${file} is not a plan of this version of dr-drill`, {
      remedy: 'Create one: dr-drill plan --out FILE',
    })
  // The plan itself is returned: its digest, and comparisons, depend on the order of its keys.
  check(z.looseObject({ plan: planSchema }), saved, file)
  if (digestOf(saved.plan) !== saved.digest)
    throw new InputError(`${file} was modified after it was created (digest mismatch)`, {
      remedy: 'Create a new plan: dr-drill plan --out FILE',
    })
  return saved.plan
}

function digestOf(plan: RecoveryPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex')
}
