import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { PlannedWorkload } from '../generate/target-plan.ts'
import { testCa } from '../handover/mail/certificate.fixture.ts'
import { MailServer, testLogin } from '../handover/mail/mail-server.fixture.ts'
import { cloudFileText } from '../identity/cloud-file.ts'
import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { KeystoneServer, keystoneCode } from '../identity/keystone/keystone-server.fixture.ts'
import { KeystoneAdmin } from '../identity/keystone/seed-keystone.fixture.ts'
import { check } from '../input/schema-check.ts'
import { cloudOf, makeSite, makeTarget, ownersIn, removeFixtures, scratch } from '../workloadmgr/manager.fixture.ts'
import { StartedCommand } from './started-command.fixture.ts'

const code = keystoneCode()
const skip = 'missing' in code && code.missing
const main = join(import.meta.dirname, 'main.ts')
const folder = scratch('handover-keystone')
const target = join(folder, 'target')
const file = (name: string) => join(folder, name)
const secret = `keystone-${process.pid}`
const { PATH, NODE_COMPILE_CACHE } = process.env
const environment = { PATH, NODE_COMPILE_CACHE, HOME: folder }
let planned: readonly PlannedWorkload[] = []
let server: KeystoneServer
let admin: KeystoneAdmin

type Listed = Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>>
async function idsOf(kind: 'projects' | 'users'): Promise<ReadonlyMap<string, string>> {
  const { [kind]: found = [] } = (await admin.ask('GET', `/${kind}`)) as Listed
  return new Map(found.map(({ id, name }) => [name, id]))
}

/** The people of the old cloud by name. Keystone gives them other ids. */
const people = (): CloudInput => {
  const { projects = [], users = [] } = cloudOf(planned)
  return {
    projects: projects.map(({ name }) => ({ name })),
    users: users.map(({ id: _, ...user }, nth) => ({ ...user, ...(nth < 2 && { email: `${user.name}@example.org` }) })),
  }
}

before(async () => {
  if (!('path' in code)) return
  server = await KeystoneServer.start(code.path)
  admin = await KeystoneAdmin.logIn(server)
  planned = await makeTarget(target, { workloads: 3, snapshots: 2 })
  await admin.seed(people())
  const old = describeCloud(check(cloudSchema, cloudOf(planned), 'test'), 'old', 'test')
  writeFileSync(file('old.json'), cloudFileText(old))
  writeFileSync(file('ca.pem'), testCa)
  writeFileSync(file('password'), testLogin.password)
  mkdirSync(file('.config/openstack'), { recursive: true })
  const auth = { auth_url: server.url, username: 'admin', user_domain_name: 'Default', system_scope: 'all' }
  writeFileSync(file('.config/openstack/clouds.yaml'), JSON.stringify({ clouds: { recovery: { auth } } }))
  writeSecret(server.password)
})
after(async () => {
  await server?.[Symbol.asyncDispose]()
  await removeFixtures()
})

function writeSecret(password: string): void {
  writeFileSync(file('.config/openstack/secure.yaml'), JSON.stringify({ clouds: { recovery: { auth: { password } } } }))
}

async function run(...args: readonly string[]) {
  const command = new StartedCommand([process.execPath, main, ...args], {
    env: environment,
    cwd: folder,
  })
  const exitCode = await command.ended()
  const { output, messages } = command
  assert.ok(!output.includes(server.password) && !output.includes(secret), output)
  return { exitCode, stdout: output.slice(0, output.length - messages.length), messages, output }
}

describe("a handover to a cloud with Debian's Keystone", { skip }, () => {
  it('is planned by names, done by the commands of the plan, and checked', async () => {
    const named = ['--cloud', 'recovery', '--old-cloud-file', 'old.json']
    const plan = await run('handover', 'plan', target, ...named, '-o', 'mapping.yaml', '--map-file', 'map.yaml')
    assert.equal(plan.exitCode, 0, plan.output)
    assert.match(plan.stdout, /^reassign +3 /m)

    const [projects, users] = [await idsOf('projects'), await idsOf('users')]
    const cloud = people()
    const { configFile } = makeSite({
      targets: [target],
      cloud: {
        projects: (cloud.projects ?? []).map((one) => ({ ...one, id: projects.get(one.name) })),
        users: (cloud.users ?? []).map((one) => ({ ...one, id: users.get(one.name) })),
      } as CloudInput,
    })
    const bin = join(import.meta.dirname, '../workloadmgr/bin.ts')
    const manager = new StartedCommand(
      [process.execPath, bin, 'workload-reassign-workloads', '--map_file', file('map.yaml')],
      { env: { ...environment, WORKLOADMGR_CONFIG: configFile } },
    )
    assert.equal(await manager.ended(), 0, manager.output)
    const owners = planned.flatMap(({ id }) => ownersIn(target, id)).toSorted()
    assert.deepEqual(
      owners,
      [0, 1, 2].map((nth) => `${projects.get(`project-${nth}`)}/${users.get(`user-${nth}`)}`).toSorted(),
    )

    const checked = await run('handover', 'check', target, '--cloud', 'recovery', '--mapping', 'mapping.yaml', '--json')
    const { workloads } = JSON.parse(checked.stdout) as { workloads: { defects: { code: string }[] }[] }
    const codes = new Set(workloads.flatMap(({ defects }) => defects.map((one) => one.code)))
    assert.deepEqual([checked.exitCode, codes], [1, new Set(['schedule-off', 'not-assessed'])])
  })

  it('notifies the users of Keystone at their addresses, and reports those without one', async () => {
    const assessed = await run('assess', target, '--depth', 'content', '--json')
    writeFileSync(file('a.ndjson'), assessed.stdout)
    await using mail = await MailServer.open()
    const notify = async () => {
      const { exitCode, stdout, output } = await run(
        ...['handover', 'notify', '--from-assessment', 'a.ndjson', '--cloud', 'recovery', '--from', 'dr@example.org'],
        ...['--smtp', `smtp://${encodeURIComponent(testLogin.user)}@localhost:${mail.port}`, '--ca', 'ca.pem'],
        ...['--smtp-password-file', 'password', '--ledger', 'ledger', '--yes', '--json'],
      )
      assert.notEqual(stdout, '', output)
      const { deliveries, unreachable } = JSON.parse(stdout) as {
        deliveries: { user: string; state: string }[]
        unreachable: { user: string; why: string }[]
      }
      return {
        exitCode,
        states: deliveries.map(({ user, state }) => `${user}: ${state}`),
        others: unreachable.map(({ user, why }) => `${user}: ${why}`),
      }
    }
    assert.deepEqual(await notify(), {
      exitCode: 1,
      states: ['user-0: sent', 'user-1: sent'],
      others: ['user-2: the user has no mail address'],
    })
    const users = await idsOf('users')
    await admin.ask('PATCH', `/users/${users.get('user-1')}`, { user: { enabled: false } })
    await admin.ask('PATCH', `/users/${users.get('user-2')}`, { user: { email: 'carol@example.org' } })
    assert.deepEqual(await notify(), {
      exitCode: 1,
      states: ['user-0: sent before', 'user-2: sent'],
      others: ['user-1: the user is disabled'],
    })
    assert.deepEqual(
      mail.received.map(({ to }) => to.join()),
      ['user-0@example.org', 'user-1@example.org', 'carol@example.org'],
    )
    assert.match(
      mail.received[0]?.content ?? '',
      /^Subject: Backups in cloud recovery: your workload can be restored\r$/m,
    )
    assert.match(mail.received[0]?.content ?? '', /^project project-0, id/m)
  })

  it('is refused with a wrong password, which is in no message', async () => {
    writeSecret(secret)
    const refused = await run(
      ...['handover', 'notify', '--from-assessment', 'a.ndjson', '--cloud', 'recovery', '--from', 'dr@example.org'],
      '--dry-run',
    )
    assert.equal(refused.exitCode, 2, refused.output)
    assert.match(refused.messages, /^dr-drill: cloud recovery refuses the login of user admin .* answered 401/)
  })
})
