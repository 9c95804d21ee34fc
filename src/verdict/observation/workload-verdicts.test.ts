import { table } from '../question-table.fixture.ts'
import { eventsOfSeries as during, observationEvent as observation } from '../restore-events.fixture.ts'
import { everyManagerRunExamined, managerFails, managerJobEnds, managerPrints, managerSucceeds } from './manager-run.ts'
import { listContains, listIsEmpty } from './workload-list.ts'
import {
  databaseNamesOwner,
  recordsNameOwner,
  recordsNameShare,
  scheduleIs,
  siteKnowsWorkload,
  type WorkloadState,
} from './workload-state.ts'

const ran = (exitCode: number | null, stderr = '', stdout = '') =>
  observation('the command of the workload manager', {
    command: 'workload-list',
    as: 'alice in shop',
    exitCode,
    stdout,
    stderr,
  })

table(managerSucceeds, {}, [
  ['exit code 0', 'pass', /workload-list, run by alice in shop on .*, exited with 0$/, [ran(0)]],
  ['exit code 1', 'fail', /exited with 1: no license$/, [ran(1, 'no license\n')]],
  ['no exit code', 'fail', /exited with null/, [ran(null)]],
  ['a failure in an earlier step', 'pass', /exited with 0$/, [...during('s1', ran(1)), ...during('s2', ran(0))]],
  [
    'facts of another kind',
    'unknown',
    /not a valid observation/,
    [observation('the command of the workload manager', 1)],
  ],
])

table(managerFails, { because: 'User not found' }, [
  ['the message', 'pass', /exited with 1: .*user not found: x$/, [ran(1, 'ERROR: user  not\nfound: x')]],
  ['another message', 'fail', /expected an error with "User not found"/, [ran(1, 'role not found')]],
  ['the message with exit code 0', 'fail', /exited with 0, expected/, [ran(0, 'user not found')]],
])

table(managerPrints, { text: 'web' }, [
  ['the text', 'pass', /printed "web"/, [ran(0, '', '| web |')]],
  ['the text on standard error only', 'fail', /expected "web"/, [ran(0, 'web', '')]],
])

const job = (status: string, error = '') => observation('the job of the workload manager', { id: 'j', status, error })

table(managerJobEnds, { status: 'error', because: 'interrupted' }, [
  ['the status and text', 'pass', /job j is error: interrupted/, [job('error', 'interrupted')]],
  ['another text', 'fail', /expected error with "interrupted"/, [job('error', 'the disk is full')]],
  ['a job that still runs', 'fail', /job j is executing/, [job('executing')]],
  [
    'a job before a command that started none',
    'unknown',
    /was not observed/,
    [...during('s1', ran(0), job('error', 'interrupted')), ...during('s2', ran(0))],
  ],
])

table(everyManagerRunExamined, {}, [
  [
    'a failure of which a step judges only the output',
    'fail',
    /exited with 1/,
    [
      ran(1),
      { kind: 'finding', finding: { verdict: 'pass', question: managerPrints.name, sentence: '', evidence: [1] } },
    ],
  ],
  ['a failure that no finding rests on', 'fail', /exited with 1/, [ran(1)]],
  [
    'a failure that a finding rests on',
    'pass',
    /every failed command was examined/,
    [ran(1), { kind: 'finding', finding: { verdict: 'pass', question: '', sentence: '', evidence: [1] } }],
  ],
])

const [old, now] = [
  { userId: 'u1', projectId: 'p1' },
  { userId: 'u2', projectId: 'p2' },
]
const record = (source: string, owner = now, schedule: 'enabled' | 'disabled' | '' = '') => ({
  source,
  ...owner,
  schedule,
})
const state = (changes: Partial<WorkloadState>) =>
  observation('the owner and schedule of the workload', {
    ...{ workload: 'web', unread: [], database: [record('workload-show', now, 'disabled')] },
    records: [record('workload_db', now, 'disabled'), record('snapshot_db')],
    ...changes,
  })
const expected = { workload: 'web', user: 'alice', project: 'shop', ...now }

const noDatabase = { database: [], unread: ['workload-show: no license'] }

table(recordsNameOwner, expected, [
  ['all records', 'pass', /2 of 2 records of workload web belong to alice in shop/, [state({})]],
  [
    'one record of another owner',
    'fail',
    /1 of 2 records do not belong to alice in shop: snapshot_db has user u1 in project p1/,
    [state({ records: [record('workload_db'), record('snapshot_db', old)] })],
  ],
  [
    'the old user in the new project',
    'fail',
    /1 of 2 records do not belong to alice in shop: snapshot_db has user u1 in project p2/,
    [state({ records: [record('workload_db'), record('snapshot_db', { ...now, userId: 'u1' })] })],
  ],
  [
    'the new user in the old project',
    'fail',
    /workload_db has user u2 in project p1/,
    [state({ records: [record('workload_db', { ...now, projectId: 'p1' }), record('snapshot_db')] })],
  ],
  [
    'a record without an owner',
    'fail',
    /snapshot_db has user \(none\) in project \(none\)/,
    [state({ records: [record('workload_db'), record('snapshot_db', { userId: '', projectId: '' })] })],
  ],
  [
    'a record of another owner, and one that was not read',
    'fail',
    /1 of 1 records do not belong/,
    [state({ records: [record('snapshot_db', old)], unread: ['x: EIO'] })],
  ],
  ['a record that was not read', 'unknown', /not read: x: EIO/, [state({ unread: ['x: EIO'] })]],
  ['no record', 'unknown', /no record of workload web was read/, [state({ records: [] })]],
  ['another workload', 'unknown', /workload web was not observed/, [state({ workload: 'db' })]],
])

const at = (share: string, source = 'workload_db') => ({ ...record(source), share })

table(recordsNameShare, { workload: 'web', share: 's:/new' }, [
  [
    'all records',
    'pass',
    /2 of 2 records of workload web name s:\/new/,
    [state({ records: [at('s:/new'), at('s:/new', 'snapshot_db')] })],
  ],
  [
    'one record of another share',
    'fail',
    /1 of 2 records do not name s:\/new: snapshot_db names s:\/old/,
    [state({ records: [at('s:/new'), at('s:/old', 'snapshot_db')] })],
  ],
  ['a record without a share', 'fail', /workload_db names no share/, [state({ records: [at('')] })]],
  [
    'a record that was not read',
    'unknown',
    /1 records were not read: x/,
    [state({ records: [at('s:/new')], unread: ['x'] })],
  ],
  ['records of an older journal', 'unknown', /no share in a record of workload web was read/, [state({})]],
  ['one record without the fact', 'unknown', /not read/, [state({ records: [at('s:/new'), record('snapshot_db')] })]],
])

table(databaseNamesOwner, expected, [
  ['the owner', 'pass', /workload-show shows alice in shop/, [state({})]],
  ['another owner', 'fail', /has user u1 in project p1/, [state({ database: [record('workload-show', old)] })]],
  [
    'another user in the project',
    'fail',
    /has user u1 in project p2/,
    [state({ database: [record('workload-show', { ...now, userId: 'u1' })] })],
  ],
  [
    'the user in another project',
    'fail',
    /has user u2 in project p1/,
    [state({ database: [record('workload-show', { ...now, projectId: 'p1' })] })],
  ],
  ['a workload that it does not know', 'fail', /does not know workload web/, [state({ database: [] })]],
  ['a database that was not read', 'unknown', /was not read: workload-show: no license$/, [state(noDatabase)]],
])

table(siteKnowsWorkload, { workload: 'web', isKnown: false }, [
  ['not in the database', 'pass', /does not know/, [state({ database: [] })]],
  ['in the database', 'fail', /knows workload web/, [state({})]],
  ['a database that was not read', 'unknown', /the database was not read/, [state(noDatabase)]],
])
table(siteKnowsWorkload, { workload: 'web', isKnown: true }, [
  ['in the database', 'pass', /knows workload web/, [state({})]],
  ['not in the database', 'fail', /does not know workload web/, [state({ database: [] })]],
])

table(scheduleIs, { workload: 'web', schedule: 'disabled' }, [
  ['in record and database', 'pass', /disabled in workload_db; disabled in workload-show/, [state({})]],
  [
    'only in the database',
    'fail',
    /^enabled in workload_db, expected disabled/,
    [state({ records: [record('workload_db', now, 'enabled')] })],
  ],
  [
    'only in the record',
    'fail',
    /^enabled in workload-show, expected disabled/,
    [state({ database: [record('workload-show', now, 'enabled')] })],
  ],
  ['nowhere', 'unknown', /no schedule/, [state({ records: [record('snapshot_db')], database: [] })]],
  ['no record', 'unknown', /no record with one was read$/, [state({ records: [] })]],
  ['a record that was not read', 'unknown', /workload_db: EIO$/, [state({ unread: ['/a/workload_db: EIO'] })]],
  ['no entry in the database', 'unknown', /no entry in the database with one/, [state({ database: [] })]],
  ['a snapshot that was not read', 'pass', /disabled in workload_db/, [state({ unread: ['/a/snapshot_db: EIO'] })]],
  [
    'a schedule that is not understood',
    'fail',
    /^unknown in workload_db, expected disabled/,
    [state({ records: [{ ...record('workload_db'), schedule: 'unknown' }] })],
  ],
])

const listed = (...workloads: string[]) =>
  observation('the list of workloads', { command: 'workload-list', workloads, warnings: '' })

table(listContains, { workloads: ['web', 'db'], isListed: true }, [
  ['both', 'pass', /workload-list lists db, web, x/, [listed('db', 'web', 'x')]],
  ['one of them', 'fail', /lists web, expected web and db/, [listed('web')]],
])
table(listContains, { workloads: ['web'], isListed: false }, [
  ['others', 'pass', /lists db/, [listed('db')]],
  ['the workload', 'fail', /expected no web/, [listed('db', 'web')]],
])
table(listContains, { workloads: [], isListed: true }, [
  ['no workload in the claim', 'unknown', /names no workload/, [listed()]],
])
table(listIsEmpty, {}, [
  [
    'an empty list before a list that failed',
    'unknown',
    /was not observed/,
    [...during('s1', ran(0), listed()), ...during('s2', ran(1))],
  ],
  ['an empty list', 'pass', /lists no workload/, [listed()]],
  ['a workload', 'fail', /expected an empty list/, [listed('web')]],
])
