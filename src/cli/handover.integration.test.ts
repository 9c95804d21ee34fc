import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { PlannedWorkload } from '../generate/target-plan.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { AnsweringServer, cloudAnswer } from '../identity/keystone/answering-server.fixture.ts'
import { check } from '../input/schema-check.ts'
import { changeRecord, cloudOf, makeTarget, removeFixtures, scratch } from '../workloadmgr/manager.fixture.ts'
import { describeError, exitCodeFor } from './print-error.ts'
import { buildProgram } from './program.ts'
import { parse } from './run-program.ts'
import { StartedCommand } from './started-command.fixture.ts'

after(removeFixtures)
const main = join(import.meta.dirname, 'main.ts')
const folder = scratch('handover-cli')
const target = join(folder, 'target')
const file = (name: string) => join(folder, name)
let planned: readonly PlannedWorkload[] = []

function writeCloud(name: string, cloud: CloudInput): void {
  writeFileSync(file(`${name}.json`), cloudFileText(describeCloud(check(cloudSchema, cloud, 'test'), name, 'test')))
}

before(async () => {
  planned = await makeTarget(target, { workloads: 3, snapshots: 2 })
  const old = cloudOf(planned)
  writeCloud('old', old)
  const projects = (old.projects ?? []).map(({ id: _, ...project }) => project)
  writeCloud('new', { projects, users: (old.users ?? []).map(({ id: _, ...user }) => user) })
  changeRecord(join(target, `workload_${planned[0]?.id}/workload_db`), { display_name: 'evil\u001b]0;x\u0007\n\u202e' })
})

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'handover', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH, HOME, ...env },
  })
  return { status, stdout, stderr }
}

const clouds = ['--cloud-file', 'new.json', '--old-cloud-file', 'old.json']
// biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
const hostile = /[\u0000-\u0009\u000b-\u001f\u007f\u202e]/

describe('dr-drill handover', () => {
  it('plans, has its mapping edited, and checks it', () => {
    const first = run(['plan', target, ...clouds, '-o', 'mapping.yaml'])
    assert.equal(first.status, 0, first.stdout + first.stderr)
    assert.match(first.stdout, /^reassign +3 /m)
    assert.doesNotMatch(first.stdout, hostile)
    const text = readFileSync(file('mapping.yaml'), 'utf8')
    assert.doesNotMatch(text, hostile)
    assert.match(text, /# evil\\u001b\]0;x\\u0007\\u000a\\u202e$/m)

    const again = run(['plan', target, ...clouds, '-o', 'mapping.yaml'])
    assert.deepEqual([again.status, /mapping\.yaml: EEXIST/.test(again.stderr)], [2, true], again.stderr)
    assert.equal(readFileSync(file('mapping.yaml'), 'utf8'), text)

    const [, next = ''] = /^ {2}Next: \.\/drill (handover .*)$/m.exec(first.stdout) ?? []
    assert.match(next, / --mapping mapping\.yaml --map-file map\.yaml --commands handover\.sh$/)
    const pasted = spawnSync('sh', ['-c', `exec "$0" "$1" ${next}`, process.execPath, main], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.equal(pasted.status, 0, pasted.stdout + pasted.stderr)
    const lines = /^ {2}Next: \.\/drill (assess .* >assessment\.ndjson)\n {7} \.\/drill (handover check .*)$/m
    assert.match(pasted.stdout, lines)

    const mapped = ['--cloud-file', 'new.json', '--mapping', 'mapping.yaml']
    const second = run(['plan', target, ...mapped, '--json'])
    assert.equal(second.status, 0, second.stderr)
    const plan = JSON.parse(second.stdout) as { states: object; workloads: { to: { project: string } }[] }
    assert.deepEqual(plan.states, { reassign: 3 })
    assert.match(plan.workloads[0]?.to.project ?? '', /^Default\/project-\d$/)
    assert.match(readFileSync(file('map.yaml'), 'utf8'), /^reassign_mappings:\n- old_tenant_ids: \[\]\n/)
    assert.match(readFileSync(file('handover.sh'), 'utf8'), /--map_file map\.yaml\n/)

    const assessed = spawnSync(process.execPath, [main, 'assess', target, '--json'], { encoding: 'utf8' })
    writeFileSync(file('assessment.ndjson'), assessed.stdout)
    const checked = run(['check', target, ...mapped, '--from-assessment', 'assessment.ndjson', '--json'])
    assert.equal(checked.status, 1, checked.stderr)
    const { workloads } = JSON.parse(checked.stdout) as { workloads: { defects: { code: string }[] }[] }
    const codes = workloads.flatMap(({ defects }) => defects.map(({ code }) => code))
    assert.deepEqual(codes.filter((code) => code === 'not-reassigned').length, 3)
    assert.ok(!codes.includes('not-assessed'), checked.stdout)
    assert.match(run(['check', target, ...mapped]).stdout, /^3 workloads not judged: no assessment/m)
  })

  it('names what is to be filled in without the old cloud, and exits with 1', () => {
    const { status, stdout } = run(['plan', target, '--cloud-file', 'new.json'])
    assert.equal(status, 1)
    assert.match(stdout, /^project-missing +3 /m)
    assert.match(stdout, /A target has the ids of its old projects and users, and not their names/)
  })

  it('is unknown for a target that cannot be read', () => {
    const { status, stdout } = run(['plan', target, 'gone', ...clouds])
    assert.equal(status, 3, stdout)
    assert.match(stdout, /^Not read:\n {2}.*gone: ENOENT/m)
  })

  it('finds a cloud in clouds.yaml, and warns about certificates that are not verified', async () => {
    await using server = await AnsweringServer.start(cloudAnswer())
    mkdirSync(file('.config/openstack'), { recursive: true })
    const auth = `{auth_url: '${server.url}', username: u, password: hunter2, system_scope: all}`
    writeFileSync(file('.config/openstack/clouds.yaml'), `clouds: {north: {auth: ${auth}, verify: false}}`)
    const command = (...args: readonly string[]) =>
      new StartedCommand([process.execPath, main, 'handover', 'plan', target, ...args], {
        env: { PATH: process.env['PATH'], HOME: folder },
        cwd: folder,
      })
    const found = command('--cloud', 'north')
    assert.equal(await found.ended(), 1, found.output)
    assert.match(found.output, /^project-missing +3 /m)
    assert.match(found.messages, /^WARNING: The certificate of cloud north \(127\.0\.0\.1:\d+\) is NOT verified/)
    assert.ok(server.got.some(({ body }) => body.includes('hunter2')))
    const wrong = command('--cloud', 'norht')
    assert.equal(await wrong.ended(), 2)
    assert.match(wrong.messages, /unknown cloud "norht": did you mean north\?\n {2}Known clouds: north\./)
    assert.ok(![found, wrong].some(({ output }) => output.includes('hunter2')))
  })

  const wrong: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
    ['no cloud', ['plan', target], /no cloud is named\n {2}Add --cloud NAME/],
    ['two clouds', ['plan', target, '--cloud', 'a', '--cloud-file', 'new.json'], /name a cloud or its file, not both/],
    [
      'a mapping and a file for one',
      ['plan', target, ...clouds, '-o', 'x', '--mapping', 'y'],
      /--out cannot be combined with --mapping/,
    ],
    [
      'a mapping that does not exist',
      ['check', target, '--cloud-file', 'new.json', '--mapping', 'gone'],
      /cannot read the mapping gone: ENOENT.*\n {2}Create it/,
    ],
    [
      'a mapping of another cloud',
      ['check', target, '--cloud-file', 'old.json', '--mapping', 'other.yaml'],
      /the mapping is for cloud "x", not "old"/,
    ],
    [
      'an assessment of something else',
      ['check', target, '--cloud-file', 'new.json', '--mapping', 'fine.yaml', '--from-assessment', 'new.json'],
      /--from-assessment: new\.json:1: /,
    ],
    ['a file that is not one of a cloud', ['plan', target, '--cloud-file', 'other.yaml'], /other\.yaml: /],
  ]
  for (const [what, args, message] of wrong)
    it(`refuses ${what}, and writes nothing`, async () => {
      process.chdir(folder)
      writeFileSync('other.yaml', 'cloud: x\n')
      writeFileSync('fine.yaml', 'cloud: new\n')
      const error: unknown = await parse(await buildProgram(), ['handover', ...args]).catch((thrown: unknown) => thrown)
      assert.equal(exitCodeFor(error), 2, String(error))
      assert.match(describeError(error), message)
      assert.ok(!existsSync('x'))
    })
})
