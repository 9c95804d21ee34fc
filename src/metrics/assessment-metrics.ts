import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import { type Gauge, gauge, secondsOf } from './open-metrics.ts'

/** Returns the metrics of an assessment. An incomplete one says so: what it did not see has no metric. */
export function assessmentMetrics(summary: AssessmentSummary): readonly Gauge[] {
  const { totals, workloads } = summary
  const states = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }))
  const ofWorkload = ({ workloadId, name = '' }: (typeof workloads)[number]) => ({
    workload_id: workloadId,
    workload: name,
  })
  return [
    gauge('dr_drill_assessment_timestamp_seconds', 'Start of the assessment.', secondsOf(summary.date)),
    gauge(
      'dr_drill_assessment_complete',
      '1 if everything on the targets was read, 0 if not.',
      summary.unseen.length === 0 ? 1 : 0,
    ),
    gauge('dr_drill_assessment_exit_code', 'Exit code of the assessment.', summary.exitCode),
    {
      name: 'dr_drill_disks',
      help: 'Disks of snapshots, each of which is one restore, by verdict.',
      samples: states(totals.states),
    },
    { name: 'dr_drill_workloads', help: 'Workloads by verdict.', samples: states(totals.workloadStates) },
    gauge('dr_drill_disks_read', 'Disks whose content was read to the last byte.', totals.content.read),
    gauge('dr_drill_disks_compared', 'Disks whose content was compared with a digest.', totals.content.compared),
    {
      name: 'dr_drill_workload_restorable',
      help: '1 if a snapshot of the workload is restorable now, 0 if none is.',
      samples: workloads.map((row) => ({ labels: ofWorkload(row), value: row.state === 'restorable' ? 1 : 0 })),
    },
    {
      name: 'dr_drill_workload_newest_restorable_timestamp_seconds',
      help: 'Time of the newest snapshot of the workload that is restorable now.',
      samples: workloads.flatMap((row) =>
        row.newestRestorable?.takenMs === undefined
          ? []
          : [{ labels: ofWorkload(row), value: secondsOf(row.newestRestorable.takenMs) }],
      ),
    },
  ]
}
