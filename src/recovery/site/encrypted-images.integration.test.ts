import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { persistently } from '../../image/luks.fixture.ts'
import type { Secrets } from '../images/secrets.ts'
import { makePlan } from './make-plan.ts'
import { skip, statesOf, usePrivateSite } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import { undo } from './undo.ts'

describe('encrypted images', { skip }, () => {
  const site = usePrivateSite()
  const { data, folder, local, origin } = site

  it('are read with their secrets, and are unknown without', async () => {
    const locked = 'workload_88888888-ad90-4448-b009-5047bcffc2ea'
    const disk = `${locked}/snapshot_1/vm_id_1/vm_res_id_1_vda`
    const [secretId, payload] = ['6b0c3ac2-5f4e-4f0c-8c0e-4c1f6f4b8f22', Buffer.from('open sesame')]
    mkdirSync(`${data}/${disk}`, { recursive: true })
    try {
      writeFileSync(`${folder}/secret`, payload)
      writeFileSync(`${data}/${locked}/workload_db`, `{"id": "x", "encryption": true, "secret_uuid": "${secretId}"}`)
      const object = ['--object', `secret,id=theirs,file=${folder}/secret`]
      const opened = (name: string) => `driver=qcow2,encrypt.key-secret=theirs,file.filename=${data}/${disk}/${name}`
      const named = (at: string) =>
        `json:{"driver":"qcow2","encrypt.key-secret":"theirs","file":{"driver":"file","filename":"${at}/${disk}/full"}}`
      for (const [name, byte] of [
        ['full', 1],
        ['next', 2],
      ] as const) {
        createLuks(`${data}/${disk}/${name}`, ['--object', `secret,id=s,file=${folder}/secret`])
        execFileSync('qemu-io', [...object, '-c', `write -P ${byte} ${byte * 65536} 64k`, '--image-opts', opened(name)])
      }
      execFileSync('qemu-img', [
        'rebase',
        '-u',
        '-F',
        'qcow2',
        '-b',
        named(origin),
        ...object,
        '--image-opts',
        opened('next'),
      ])
      site.chown()
      const { plan: made, images } = await site.plan()
      const doing = async (secrets?: Secrets) => {
        const results = await recover(site.hosts(), made, images, { ...site.options(), ...(secrets && { secrets }) })
        return results.map(({ state, verdict, why }) => [state, verdict?.read, why?.replace(/.*: /s, '')])
      }
      const unknown = `it is encrypted, and its secret ${secretId} is missing (--secrets) (and 1 more)`
      assert.deepEqual(await doing(), Array(3).fill(['unknown', 3, unknown]))
      assert.deepEqual(await doing(new Map([[secretId, payload]])), Array(3).fill(['recovered', 5, undefined]))
      const [wrong] = await doing(new Map([[secretId, Buffer.from('close sesame')]]))
      assert.deepEqual(wrong?.slice(0, 2), ['failed', 3])
    } finally {
      rmSync(`${data}/${locked}`, { recursive: true })
    }
  })

  it('are rebased with their secret, and refused without', async () => {
    const locked = 'workload_99999999-ad90-4448-b009-5047bcffc2ea'
    const path = `${data}/${locked}/snapshot_1/vm_id_1/vm_res_id_1_vda/locked`
    const [secretId, payload] = ['5a0c3ac2-5f4e-4f0c-8c0e-4c1f6f4b8f11', Buffer.from('open sesame')]
    mkdirSync(dirname(path), { recursive: true })
    try {
      writeFileSync(`${folder}/secret`, payload)
      writeFileSync(`${data}/${locked}/workload_db`, `{"id": "x", "encryption": true, "secret_uuid": "${secretId}"}`)
      const name = `json:{"driver":"qcow2","encrypt.key-secret":"s","file":{"driver":"file","filename":"${origin}/${site.image(0)}"}}`
      const object = ['--object', `secret,id=s,file=${folder}/secret`]
      createLuks(path, object)
      const opened = ['--image-opts', `driver=qcow2,encrypt.key-secret=s,file.filename=${path}`]
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', name, ...object, ...opened])
      site.chown()
      const nameNow = () => execFileSync('qemu-img', ['info', path], { encoding: 'utf8' })

      const without = await site.plan(site.nodes, 'rebase')
      assert.match(without.plan.nodes[0]?.refusals[0]?.why ?? '', new RegExp(`its secret ${secretId} is missing`))
      assert.match(
        (await recover(site.hosts(), without.plan, without.images, site.options('none')))[0]?.why ?? '',
        /is encrypted/,
      )
      assert.ok(nameNow().includes(origin))

      const secrets = new Map([[secretId, payload]])
      const request = { strategy: 'rebase', persist: true, secrets, nowMs: Date.now(), signal: site.signal } as const
      const planned = await makePlan(site.hosts(), request)
      assert.ok(!JSON.stringify(planned.plan).includes('sesame'))
      const doing = { ...site.options('none'), secrets }
      assert.deepEqual(
        statesOf(await recover(site.hosts(), planned.plan, planned.images, doing)),
        Array(3).fill('recovered'),
      )
      assert.match(nameNow(), /"encrypt.key-secret": ?"s"/)
      assert.ok(nameNow().includes(local) && !nameNow().includes(origin))
      assert.match((await undo(site.hosts(), site.options()))[0]?.why ?? '', /its secret .* is missing/)
      assert.deepEqual(statesOf(await undo(site.hosts(), doing)), ['undone'])
      assert.ok(nameNow().includes(origin))
    } finally {
      rmSync(`${data}/${locked}`, { recursive: true })
    }
  })
})

function createLuks(path: string, object: readonly string[]): void {
  const how = ['-o', 'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=100']
  persistently(() =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...object, ...how, path, '1M'], { stdio: 'pipe' }),
  )
}
