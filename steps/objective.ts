// Objectives
import { Given } from '@cucumber/cucumber'
import type { DrillWorld } from './support/world.ts'

/**
 * Requires both objectives of a workload. They are judged at the end of the scenario, by its newest snapshot that was
 * restored after the recovery with every disk and with its content. The recovery time runs from the beginning of the recovery
 * to the last of its restores. The data that is lost is what was written between the snapshot and the loss of its site.
 * @example Given workload "web" must be restorable within 15 minutes and lose at most 24 hours
 */
Given(
  'workload {string} must be restorable within {period} and lose at most {period}',
  function (this: DrillWorld, workload: string, recoveryTimeMs: number, recoveryPointMs: number) {
    this.drill.require(workload, { recoveryTimeMs, recoveryPointMs })
  },
)

/**
 * Requires the recovery time objective of a workload.
 * @example Given workload "web" must be restorable within 15 minutes
 */
Given(
  'workload {string} must be restorable within {period}',
  function (this: DrillWorld, workload: string, recoveryTimeMs: number) {
    this.drill.require(workload, { recoveryTimeMs })
  },
)

/**
 * Requires the recovery point objective of a workload.
 * @example Given workload "web" may lose at most 24 hours
 */
Given(
  'workload {string} may lose at most {period}',
  function (this: DrillWorld, workload: string, recoveryPointMs: number) {
    this.drill.require(workload, { recoveryPointMs })
  },
)
