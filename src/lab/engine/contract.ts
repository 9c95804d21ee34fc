import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../../concurrency/deadline.ts'
import { Lab } from '../lab.ts'
import { toolInGuest } from '../tool/tool-disk.ts'
import { planTopology } from '../topology/topology.ts'
import type { Engine } from './engine.ts'

const twoMachines = (server = '10.10.2.20', peculiarities: { readonly tool?: boolean } = {}) =>
  planTopology({
    shares: [{ share: `${server}:/upstream` }],
    sites: [
      {
        name: 'primary',
        distribution: 'juju',
        version: '4.1',
        ...peculiarities,
        shares: [`${server}:/upstream`],
        nodes: [{ name: 'appliance', role: 'appliance', address: '10.10.2.31' }],
      },
    ],
  })

/** Tests that every engine must pass, with real guests. */
export function engineContract(name: string, open: () => Promise<Engine>): void {
  describe(`${name} engine`, { timeout: 900_000 }, () => {
    const run = `contract-${process.pid}-${Date.now().toString(36)}`
    const signal = new AbortController().signal
    let engine: Engine
    let folder: string
    let lab: Lab
    const ours = async (of = run) => (await engine.residue()).filter((residue) => residue.run === of)

    before(async () => {
      engine = await open()
      folder = await mkdtemp(join(tmpdir(), 'dr-drill-contract-'))
      lab = await Lab.open({ engine, run, name: 'a', logFolder: folder, signal })
      await lab.add(twoMachines())
    })
    after(async () => {
      await lab?.[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    const node = () => lab.machine('primary-appliance')
    const mountPath = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
    const asProduct = { user: { uid: 162, gid: 162 } }

    it('reports its version', async () => {
      assert.match((await engine.check()).version, /\d/)
    })

    it('lists its guests as residue of the run', async () => {
      assert.deepEqual((await ours()).map((residue) => residue.name).sort(), [
        'hub',
        'nfs-10-10-2-20',
        'primary-appliance',
      ])
    })

    it('runs a separate kernel for each guest', async () => {
      const [server, appliance] = await Promise.all(
        lab.machines.map(
          async (machine) => (await machine.shell.run(['cat', '/proc/sys/kernel/random/boot_id'])).stdout,
        ),
      )
      assert.notEqual(server, appliance)
    })

    it('connects guests by a network over which they mount, write and read NFS', async () => {
      await node().shell.run(['sh', '-c', `echo hello >"${mountPath}/a" && cat "${mountPath}/a"`], asProduct)
      const there = await lab.server('10.10.2.20').shell.run(['cat', '/upstream/a'])
      assert.equal(there.stdout, 'hello\n')
    })

    it('squashes root on a share', async () => {
      assert.notEqual((await node().shell.try(['ls', mountPath])).exitCode, 0)
    })

    const reachServer = async (): Promise<number | null> => {
      const connect = "import socket; socket.create_connection(('10.10.2.20', 2049), 2)"
      return (await node().shell.try(['/usr/bin/python3', '-c', connect])).exitCode
    }

    it('disconnects a machine from storage, but not from us, and reconnects it', async () => {
      assert.equal(await reachServer(), 0)
      await node().cutOff()
      assert.notEqual(await reachServer(), 0)
      await node().rejoin()
      await until('the storage', async () => (await reachServer()) === 0 || undefined, { deadlineMs: 20_000 })
    })

    it('loses only data that was not synced in a power cut', async () => {
      await node().shell.run(['sh', '-c', 'echo kept >/root/synced; sync; echo lost >/root/unsynced'])
      await node().powerCut()
      await node().start()
      assert.equal((await node().shell.run(['cat', '/root/synced'])).stdout, 'kept\n')
      const { stdout } = await node().shell.try(['cat', '/root/unsynced'])
      assert.equal(stdout.includes('lost'), false)
    })

    it('keeps all data in a reboot, and mounts its /etc/fstab again', async () => {
      await node().shell.run(['sh', '-c', 'echo kept >/root/unsynced'])
      await node().reboot()
      assert.equal((await node().shell.run(['cat', '/root/unsynced'])).stdout, 'kept\n')
      await node().shell.run(['mountpoint', '-q', mountPath])
    })

    it('starts machines from copies of saved disks, repeatedly', async () => {
      await using first = await Lab.open({ engine, run, name: 'first', logFolder: join(folder, 'first'), signal })
      await first.add(twoMachines())
      const machine = first.machine('primary-appliance')
      await machine.shell.run(['sh', '-c', 'echo saved >/root/mark; truncate -s 8G /srv/holes'])
      await machine.shell.run(['sh', '-c', `echo saved >"${mountPath}/mark"`], asProduct)
      const saved = await first.save(folder)
      await first[Symbol.asyncDispose]()
      for (const { disks } of saved.machines) assert.ok((await stat(disks)).size < 2 ** 28, disks)
      for (const name of ['second', 'third']) {
        await using lab = await Lab.restore(saved, { engine, run, name, logFolder: join(folder, name), signal })
        const { shell } = lab.machine('primary-appliance')
        assert.equal((await shell.run(['cat', '/root/mark'])).stdout, 'saved\n')
        assert.equal((await shell.run(['stat', '-c', '%s', '/srv/holes'])).stdout, `${2 ** 33}\n`)
        assert.equal((await shell.run(['cat', `${mountPath}/mark`], asProduct)).stdout, 'saved\n')
        await shell.run(['sh', '-c', 'echo changed >/root/mark; sync'])
      }
    })

    it('refuses saved disks that have changed', async () => {
      await using first = await Lab.open({ engine, run, name: 'whole', logFolder: join(folder, 'whole'), signal })
      await first.add(planTopology({ shares: [{ share: '10.10.2.20:/upstream' }] }))
      const saved = await first.save(folder)
      await first[Symbol.asyncDispose]()
      const machines = saved.machines.map((machine) => ({ ...machine, sha256: 'another' }))
      const options = { engine, run, name: 'changed', logFolder: join(folder, 'changed'), signal }
      await assert.rejects(Lab.restore({ ...saved, machines }, options), /archive of its disks has changed/)
      assert.equal((await ours()).length, 3)
    })

    it('pauses and resumes a machine', async () => {
      const server = lab.server('10.10.2.20')
      await server.pause()
      assert.notEqual(await reachServer(), 0)
      await server.resume()
      await until('the server', async () => (await reachServer()) === 0 || undefined, { deadlineMs: 30_000 })
      assert.equal((await server.shell.run(['cat', '/upstream/a'])).stdout, 'hello\n')
    })

    it('gives machines dr-drill itself on a read-only disk', async () => {
      const options = { engine, run, name: 'with-tool', logFolder: join(folder, 'with-tool'), signal }
      await using other = await Lab.open(options)
      await other.add(twoMachines('10.10.2.20', { tool: true }))
      const { shell } = other.machine('primary-appliance')
      const { stdout } = await shell.run([toolInGuest, 'target', 'create', `${mountPath}/made`, '--json'], asProduct)
      assert.match(stdout, /"images":\d/)
      const { stderr } = await shell.try(['touch', toolInGuest])
      assert.match(stderr, /Read-only file system/)
    })

    it('fails commands at once if the kernel panics, and can start the machine again', async () => {
      const crash = ['sh', '-c', 'echo c >/proc/sysrq-trigger; sleep 60'] as const
      const panicked = / panicked: .*Kernel panic - not syncing/
      await assert.rejects(node().shell.run(crash, { deadlineMs: 10_000 }), panicked)
      await assert.rejects(async () => node().shell.run(['true']), panicked)
      await node().powerCut()
      await node().start()
      assert.equal((await node().shell.run(['stat', '-f', '-c', '%T', mountPath])).stdout, 'nfs\n')
    })

    it('runs two labs with the same addresses, and leaves nothing of the one that ends', async () => {
      await using other = await Lab.open({ engine, run, name: 'b', logFolder: join(folder, 'b'), signal })
      await other.add(twoMachines())
      assert.equal((await ours()).length, 6)
      assert.equal((await other.server('10.10.2.20').shell.try(['cat', '/upstream/a'])).exitCode, 1)
      await other[Symbol.asyncDispose]()
      assert.equal((await ours()).length, 3)
    })

    it('leaves root in a guest no way to files of the host', async () => {
      const marker = join(folder, 'marker')
      await writeFile(marker, 'of the host')
      // hostfs shows files as the process of the guest kernel sees them.
      const look = `
        mkdir -p /mnt/outside && mount -t hostfs none /mnt/outside || exit 1
        for root in /mnt/outside /mnt/outside/proc/*/root /mnt/outside/proc/*/cwd; do
          if [ -e "$root$1" ]; then echo "$root$1"; fi
        done
        ls /mnt/outside/usr/bin/linux.uml
        umount /mnt/outside`
      const { stdout } = await node().shell.run({ script: look, args: [marker] })
      assert.equal(stdout, '/mnt/outside/usr/bin/linux.uml\n')
    })

    it('refuses to start a running guest, with the reason', async () => {
      await assert.rejects(node().start(), /is running/)
    })

    for (const [state, paused] of [
      ['running', ''],
      ['paused', 'pause'],
    ] as const)
      it(`ends a ${state} guest when its owner is killed`, async () => {
        const orphan = `${run}-${state}`
        const owner = spawn(
          process.execPath,
          [fileURLToPath(new URL('./orphan.fixture.ts', import.meta.url)), name, orphan, join(folder, state), paused],
          {
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        )
        await new Promise((resolve, reject) => {
          owner.stdout.once('data', resolve)
          owner.once('exit', (code) => reject(new Error(`the owner exited with ${code}`)))
        })
        assert.equal((await ours(orphan)).length, 2)
        owner.kill('SIGKILL')
        await until('everything to be removed', async () => ((await ours(orphan)).length === 0 ? true : undefined), {
          deadlineMs: 30_000,
        })
      })
  })
}
