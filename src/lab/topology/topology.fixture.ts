import assert from 'node:assert/strict'
import { InputError } from '../../errors.ts'
import type { TopologyInput } from './topology-schema.ts'

export type SiteInput = NonNullable<TopologyInput['sites']>[number]

export const share = '10.10.2.20:/upstream'
export const appliance = { name: 'appliance', role: 'appliance' } as const
export const compute = { name: 'compute-1', role: 'compute' } as const

export function site(changes: Partial<SiteInput> = {}): SiteInput {
  return {
    name: 'primary',
    distribution: 'kolla',
    version: '4.3',
    shares: [share],
    nodes: [appliance, compute],
    ...changes,
  }
}

export const withSites = (...sites: SiteInput[]): TopologyInput => ({ shares: [{ share }], sites })

export function refusalOf(plan: () => unknown): string {
  try {
    plan()
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`)
    return error.message
  }
  return assert.fail('it was accepted')
}
