import type { Phase } from '../../../src/journal/journal.ts'

/** A requirement of a standard, and the parts of a run that can serve as evidence for it. */
export interface Control {
  readonly id: string
  readonly standard: string
  readonly reference: string
  /** The requirement, in our own words. */
  readonly requirement: string
  /** The contribution of a run. */
  readonly evidence: string
  /** The parts that a run does not contribute. */
  readonly missing: string
  /** Phases of which at least one drill is needed. */
  readonly phases: readonly Phase[]
}

/** Guidance, and no assessment: an auditor decides which evidence is enough. */
export const controls: readonly Control[] = [
  {
    id: 'nist-800-34',
    standard: 'NIST SP 800-34 Rev. 1',
    reference: '3.5 Plan testing, training and exercises',
    requirement: 'Recovery strategies are tested, with results that are recorded and lessons that are acted on.',
    evidence: 'Drills of the recovery procedure, each with its steps, results, times and findings.',
    missing: 'Tests of notification, of the alternate site itself, and of people.',
    phases: ['disaster', 'recover', 'restore'],
  },
  {
    id: 'nist-800-84',
    standard: 'NIST SP 800-84',
    reference: '5 Functional exercises, 6 Tests',
    requirement: 'Exercises and tests have objectives, a scenario, recorded results and an after-action report.',
    evidence: 'Each scenario is the plan of a test, and this page is its record.',
    missing: 'People who decide, unless this run is an exercise. A drill executes a fixed procedure.',
    phases: ['disaster', 'recover'],
  },
  {
    id: 'cp-4',
    standard: 'NIST SP 800-53 Rev. 5',
    reference: 'CP-4 Contingency plan testing',
    requirement: 'The contingency plan is tested at a defined frequency, and results lead to corrections.',
    evidence: 'Repeated runs with dated verdicts. Failed and unknown drills are listed with their reasons.',
    missing: 'The frequency, the review and the corrections.',
    phases: ['recover', 'restore'],
  },
  {
    id: 'cp-9',
    standard: 'NIST SP 800-53 Rev. 5',
    reference: 'CP-9 System backup, CP-9(1) testing for reliability and integrity',
    requirement: 'Backups are made, and backup information is tested for reliability and integrity.',
    evidence: 'Restores that are compared with the digest of the content at the time of the backup, block by block.',
    missing: 'Backups of production. A drill restores what it has backed up itself; assess reads a real target.',
    phases: ['back up', 'restore'],
  },
  {
    id: 'cp-10',
    standard: 'NIST SP 800-53 Rev. 5',
    reference: 'CP-10 System recovery and reconstitution',
    requirement: 'The system can be recovered to a known state within defined times.',
    evidence: 'Times of recovery and restores, held against an objective where one is configured.',
    missing: 'Times of production. Labs differ in size, load and network.',
    phases: ['disaster', 'recover', 'restore'],
  },
  {
    id: 'iso-22301',
    standard: 'ISO 22301:2019',
    reference: '8.5 Exercise programme',
    requirement: 'Exercises and tests validate continuity strategies over time, with reports that lead to improvement.',
    evidence: 'A report for each run, with what it does not prove.',
    missing: 'The programme, the participants and the review by management.',
    phases: ['disaster', 'recover', 'restore'],
  },
  {
    id: 'soc-2-a1-2',
    standard: 'SOC 2 (TSP 100)',
    reference: 'A1.2 Backup and recovery infrastructure',
    requirement: 'Backup processes and recovery infrastructure are designed, operated and monitored.',
    evidence: 'Drills of backup, recovery and restore, and of faults of the storage.',
    missing: 'Operation and monitoring in production.',
    phases: ['back up', 'restore'],
  },
  {
    id: 'soc-2-a1-3',
    standard: 'SOC 2 (TSP 100)',
    reference: 'A1.3 Tests of recovery plan procedures',
    requirement: 'Procedures of the recovery plan are tested.',
    evidence:
      'The documented procedure, or an own runbook, carried out step by step and judged by the content of restores.',
    missing: 'Parts of the plan that are not a scenario.',
    phases: ['recover', 'restore'],
  },
  {
    id: 'dora-11',
    standard: 'DORA (EU) 2022/2554',
    reference: 'Article 11 Response and recovery',
    requirement: 'ICT continuity plans and response and recovery plans are tested at least yearly.',
    evidence: 'Dated runs of the recovery procedure.',
    missing: 'Business impact analysis, crisis communication, and the yearly schedule.',
    phases: ['disaster', 'recover'],
  },
  {
    id: 'dora-12',
    standard: 'DORA (EU) 2022/2554',
    reference: 'Article 12 Backup, restoration and recovery',
    requirement:
      'Backups can be restored without harm to integrity. Restoration is tested periodically, on systems that are separate from the source.',
    evidence: 'Restores on a second site after the loss of the first one, with content digests.',
    missing: 'Separation and protection of production systems.',
    phases: ['back up', 'disaster', 'restore'],
  },
  {
    id: 'dora-24',
    standard: 'DORA (EU) 2022/2554',
    reference: 'Article 24 General requirements for testing',
    requirement: 'A testing programme with methods, priorities and follow-up of findings exists.',
    evidence: 'Scenarios under version control, findings with evidence, and a record that can be judged again.',
    missing: 'The programme, independence of testers, and follow-up.',
    phases: ['restore'],
  },
  {
    id: 'dora-25',
    standard: 'DORA (EU) 2022/2554',
    reference: 'Article 25 Testing of ICT tools and systems',
    requirement: 'Tests include scenario-based and end-to-end tests.',
    evidence: 'Scenarios that lead from the loss of a site to verified restores, and faults on purpose.',
    missing: 'Vulnerability assessments, reviews of source code, and penetration tests.',
    phases: ['disaster', 'recover', 'restore'],
  },
]
