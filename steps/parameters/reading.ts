import type { PlannedNodes } from '../../src/index.ts'

/**
 * `this` of a transformer. Values are read twice: before anything starts, to find what is wrong in a feature, with the
 * parameters of the run and the nodes that its earlier steps bring up; and in the drill, with the world.
 */
export type Reading = {
  readonly planned?: PlannedNodes
  readonly parameters?: { readonly topologies?: string; readonly project?: string; readonly teamNodes?: string }
} | null
