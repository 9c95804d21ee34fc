import type { HubOptions } from '../engine.ts'

/** The labels of containers and images that dr-drill creates. */
export const labels = {
  run: 'dr-drill.run',
  lab: 'dr-drill.lab',
  machine: 'dr-drill.machine',
  owner: 'dr-drill.owner',
} as const

export function labelsOf({ run, lab, owner }: HubOptions, machine: string): Record<string, string> {
  return { [labels.run]: run, [labels.lab]: lab, [labels.machine]: machine, [labels.owner]: JSON.stringify(owner) }
}
