import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { People } from '../identity/people.ts'
import { uuidFrom } from '../target/layout.ts'
import { plainStyle } from '../text/style.ts'
import { commandScript } from './command-script.ts'
import { judgeByMapping, judgeByNames, planHandover, snapshotProblems, unreadRecords } from './handover-plan.ts'
import { handoverPlanText } from './handover-plan-text.ts'
import { OwnerJudge } from './judge-owner.ts'
import { managerCommands } from './manager-commands.ts'
import { parseMapping } from './mapping.ts'
import { mappingText } from './mapping-text.ts'
import { idOf, judgeFor, ownedBy, ownerOf, peopleOf } from './owned-workload.fixture.ts'
import type { OwnedWorkload } from './owned-workload.ts'

const ours = ownerOf('Default/web-shop', 'Default/alice')
const judge = judgeFor()

const plan = (
  workloads: readonly OwnedWorkload[],
  unseen: readonly string[] = [],
  problems: readonly string[] = [],
) => {
  const judged = judgeByNames(workloads, judge)
  const commands = managerCommands(judged)
  return planHandover({ cloud: 'recovery', targets: ['/a'], workloads: judged, problems, unseen, commands })
}

describe('the plan of a handover', () => {
  it('counts states, and fails before it is unknown', () => {
    const unread = ownedBy('lost', { trouble: { kind: 'unread', message: 'EIO' } })
    const homeless = ownedBy('blog', { owner: ownerOf('Default/gone', 'Default/gone', 'old') })
    assert.deepEqual(plan([ownedBy('web'), ownedBy('own', { owner: ours })]).states, { reassign: 1, imports: 1 })
    assert.deepEqual(
      [
        plan([ownedBy('web')]).exitCode,
        plan([ownedBy('web'), homeless]).exitCode,
        plan([ownedBy('web'), unread]).exitCode,
        plan([homeless, unread]).exitCode,
        plan([ownedBy('web')], ['/b: no answer']).exitCode,
        plan([ownedBy('web')], [], ['m.yaml:3: unknown user']).exitCode,
      ],
      [0, 1, 3, 1, 3, 1],
    )
  })

  it('reports damaged records of snapshots as problems, and others as not read', () => {
    const snapshots = (['damaged', 'missing', 'unread'] as const).map((kind) => ({
      id: kind,
      owner: {},
      trouble: { kind, message: kind },
    }))
    const workloads = [ownedBy('web', { snapshots })]
    assert.deepEqual(snapshotProblems(workloads), ['damaged', 'missing'])
    assert.deepEqual(unreadRecords(workloads), ['unread'])
    assert.equal(judge.judge(workloads[0] as OwnedWorkload).state, 'reassign')
  })

  it('has the commands of the product', () => {
    const { commands } = plan([
      ownedBy('web'),
      ownedBy('db', { schedule: 'disabled' }),
      ownedBy('own', { owner: ours }),
    ])
    assert.deepEqual(commands.imports, [`workloadmgr workload-importworkloads --workloadids ${uuidFrom('own')}`])
    assert.deepEqual(commands.reassignments, [
      `workloadmgr workload-reassign-workloads --new_tenant_id ${ours.projectId} --user_id ${ours.userId} --migrate_cloud True --workload_ids ${uuidFrom('web')} --workload_ids ${uuidFrom('db')}`,
    ])
    assert.deepEqual(commands.schedules, [`workloadmgr enable-scheduler --workloadids ${uuidFrom('web')}`])
    assert.deepEqual(parse(commands.mapFile ?? ''), {
      reassign_mappings: [
        {
          old_tenant_ids: [],
          new_tenant_id: ours.projectId,
          user_id: ours.userId,
          workload_ids: [uuidFrom('web'), uuidFrom('db')],
          migrate_cloud: true,
        },
      ],
    })
  })

  it('has at most 20 workloads in a command, and one command with a map file', () => {
    const judged = judgeByNames(
      Array.from({ length: 45 }, (_, nth) => ownedBy(`w${nth}`)),
      judge,
    )
    const counts = managerCommands(judged).reassignments.map((line) => line.split('--workload_ids').length - 1)
    assert.deepEqual(counts, [20, 20, 5])
    assert.deepEqual(managerCommands(judged, 'my map.yaml').reassignments, [
      "workloadmgr workload-reassign-workloads --map_file 'my map.yaml'",
    ])
  })

  it('has a script that a shell reads as these commands, whatever the cloud is called', () => {
    const script = commandScript({ ...plan([ownedBy('web')]), cloud: 'x\nrm -rf /\n' })
    assert.deepEqual(
      script.split('\n').map((line) => line.split(' ')[0]),
      ['#!/bin/sh', '#', '#', 'set', 'workloadmgr', 'workloadmgr', ''],
    )
  })

  it('is printed with what is to be decided, and without control characters', () => {
    const homeless = ownedBy('\u001b[2Jblog\u202e', { owner: ownerOf('Default/gone', 'Default/x', 'old') })
    const text = handoverPlanText(plan([ownedBy('web'), homeless]), {
      style: plainStyle,
      isAll: false,
      hasOldNames: false,
      next: ['dr-drill next'],
    })
    assert.match(text, /^reassign +1 {2}its owner is known/m)
    assert.match(text, /\\u001b\[2Jblog\\u202e/)
    assert.match(text, /A target has the ids of its old projects/)
    assert.match(text, /✘ 1 of 2 workloads cannot be handed over to cloud recovery yet\.\n {2}Next: dr-drill next\n$/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
    assert.doesNotMatch(text, /[\u001b\u202e]/)
  })
})

describe('the proposed mapping', () => {
  it('is read back with the same owners, once it is filled in', () => {
    const hostile = ownedBy('evil\n- project: x\u0085\u2028y', { schedule: 'none' })
    const homeless = ownedBy('blog', { owner: ownerOf('Default/gone', 'Default/x', 'old') })
    const broken = ownedBy('broken', { trouble: { kind: 'damaged', message: 'not\nJSON' } })
    const judged = judgeByNames([ownedBy('web'), hostile, homeless, broken], judge)
    const text = mappingText('recovery', judged, judge)
    assert.throws(() => parseMapping(text, 'm.yaml'), /m\.yaml:\d+: owners\.1\.project: is empty/)
    const filled = text.replace(/project:\n {4}user:\n/, 'project: blog\n    user: carol\n')
    const { cloud, owners, leave, unscheduled } = parseMapping(filled, 'm.yaml')
    assert.equal(cloud, 'recovery')
    assert.deepEqual(
      owners.map(({ project, user, workloads }) => [project, user, workloads]),
      [
        ['Default/web-shop', 'Default/alice', [uuidFrom('web'), hostile.id]],
        ['blog', 'carol', [uuidFrom('blog')]],
      ],
    )
    assert.deepEqual([[...leave], [...unscheduled]], [[broken.id], [hostile.id]])
    assert.match(text, /# 2 workloads of project Default\/web-shop \([\da-f]{32}\), user Default\/alice/)
  })

  it('lists as unscheduled only workloads without an enabled schedule before the handover', () => {
    const [none, off, enabled, unknown] = ['none', 'disabled', 'enabled', 'unknown'] as const
    const workloads = [
      ownedBy('none', { schedule: none, owner: ours }),
      ownedBy('off', { schedule: off }),
      ownedBy('on', { schedule: enabled, owner: ours }),
      ownedBy('moved', { schedule: off, owner: ours }),
      ownedBy('half moved', { schedule: off, owner: ours, snapshots: [{ id: 's', owner: ownedBy('web').owner }] }),
      ownedBy('odd', { schedule: unknown }),
    ]
    const judged = judgeByNames(workloads, judge)
    const text = mappingText('recovery', judged, judge)
    assert.deepEqual([...parseMapping(text, 'm.yaml').unscheduled], ['none', 'off'].map(uuidFrom))
    const open = ['moved', 'half moved', 'odd'].map(uuidFrom)
    assert.deepEqual(
      [...text.matchAll(/^# {2}- (\S+)/gm)].map(([, id]) => id),
      open,
    )
    assert.deepEqual(
      judged.filter(({ isScheduleOpen }) => isScheduleOpen).map(({ workload }) => workload.id),
      open,
    )
  })

  it('has names that YAML would read as something else, and names that only an id makes clear', () => {
    const names = ['no', '1e3', '#x', 'a: b', '"', "'", ' x', '\u00e4', '{a}', 'x'.repeat(255)]
    const cloud = {
      domains: ['a', 'a/b'],
      projects: [...names.map((name) => ({ name })), { name: 'b/c', domain: 'a' }],
      users: [{ name: 'alice' }],
    }
    const { data } = peopleOf(cloud)
    const domainId = data.domains.find(({ name }) => name === 'a/b')?.id ?? ''
    const twin = { id: 'f'.repeat(32), name: 'c', domainId, isEnabled: true }
    const own = new OwnerJudge(new People({ ...data, projects: [...data.projects, twin] }), undefined, 'member')
    const { projects } = own.people.data
    const judged = projects.map((project, nth) => ({
      workload: ownedBy(`w${nth}`),
      state: 'reassign' as const,
      project,
      user: own.people.data.users[0]!,
    }))
    const mapping = parseMapping(mappingText('x', judged, own), 'm.yaml')
    const { judged: again, problems } = judgeByMapping(
      judged.map(({ workload }) => workload),
      own,
      mapping,
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      again.map(({ project }) => project?.id),
      projects.map(({ id }) => id),
    )
  })
})

describe('a plan with a mapping', () => {
  const mapping = (text: string) => parseMapping(`cloud: recovery\n${text}`, 'm.yaml')
  const by = (workloads: readonly OwnedWorkload[], text: string) => judgeByMapping(workloads, judge, mapping(text))
  const owner = (project: string, user: string, ...ids: readonly string[]) =>
    `owners: [{project: ${project}, user: ${user}, workloads: [${ids.join(', ')}]}]\n`

  it('gives each workload the owner of the mapping, whatever its record says', () => {
    const { judged } = by(
      [ownedBy('web', { owner: ours })],
      owner('web-shop', 'alice', uuidFrom('web')).replace('web-shop', 'Default/web-shop'),
    )
    assert.deepEqual(
      judged.map(({ state }) => state),
      ['imports'],
    )
    const other = by([ownedBy('web', { owner: ours })], owner('blog', 'carol', uuidFrom('web')))
    assert.deepEqual(
      other.judged.map(({ state }) => state),
      ['role-missing'],
    )
    assert.equal(other.judged[0]?.project?.id, idOf('project/Default/blog'))
  })

  it('reports workloads that it does not name, leaves, or has without an owner who exists', () => {
    const { judged, problems } = by(
      [ownedBy('web'), ownedBy('db'), ownedBy('old'), ownedBy('gone', { isDeleted: true })],
      `${owner('blgo', 'alice', uuidFrom('web'), uuidFrom('far'))}leave: [${uuidFrom('old')}]`,
    )
    assert.deepEqual(
      judged.map(({ state }) => state),
      ['unmapped', 'unmapped', 'left', 'left'],
    )
    assert.deepEqual(judged.map(({ message }) => message).slice(0, 2), [
      'its owner at m.yaml:2 does not exist',
      'the mapping does not name it',
    ])
    assert.deepEqual(problems, [
      'm.yaml:2: unknown project "blgo": did you mean blog?',
      `m.yaml:2: workload ${uuidFrom('far')} is on no target`,
    ])
  })

  it('has commands for schedules that a reassignment has disabled, and none for unscheduled workloads', () => {
    const names = ['moved', 'off', 'on', 'new']
    const workloads = [
      ownedBy('moved', { owner: ours, schedule: 'disabled' }),
      ownedBy('off', { owner: ours, schedule: 'disabled' }),
      ownedBy('on', { owner: ours }),
      ownedBy('new'),
    ]
    const text = `${owner('Default/web-shop', 'alice', ...names.map(uuidFrom))}unscheduled: [${uuidFrom('off')}]`
    const { judged } = by(workloads, text)
    assert.deepEqual(managerCommands(judged).schedules, [
      `workloadmgr enable-scheduler --workloadids ${uuidFrom('moved')} --workloadids ${uuidFrom('new')}`,
    ])
  })
})
