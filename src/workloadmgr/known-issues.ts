import type { ManagerConfig } from './manager-config.ts'

/** Issues of the product that its vendor documents for 6.x. They are simulated for these versions only. */
export interface KnownIssues {
  /** An import from a target type that is not the default gets stuck. */
  readonly importGetsStuck: boolean
  /** The import and orphan lists show wrong workloads without a project. */
  readonly listsIgnoreOwners: boolean
}

/** Shown with a list that a documented issue makes wrong. */
export const wrongListIssue = 'documented issue of 6.x: without --project_id, this list shows wrong workloads'

/** Shown with an import that a documented issue makes hang. */
export const stuckImportIssue =
  'documented issue of 6.x: an import from a backup target type that is not the default gets stuck'

export function knownIssuesOf({ version }: Pick<ManagerConfig, 'version'>): KnownIssues {
  const has = version.split('.')[0] === '6'
  return { importGetsStuck: has, listsIgnoreOwners: has }
}
