import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import { afterEach, describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { LocalShell } from '../shell/local.ts'
import type { Argv, Script, Shell } from '../shell/shell.ts'
import { Host } from './hosts.ts'
import type { ServicePlace } from './inventory-schema.ts'
import { lacksOf } from './lacks.ts'
import { probeHosts } from './probe.ts'

const hasNamespaces = (await new LocalShell().try(['unshare', '--mount', 'true'])).exitCode === 0
const skip = userInfo().uid === 0 && hasNamespaces ? false : 'only root enters mount namespaces'

const hostWith = (service: ServicePlace): Host =>
  new Host({ name: 'here', where: 'a/here', role: 'compute', access: { kind: 'local' }, sudo: 'auto', service })

describe('a host of an inventory', { skip }, () => {
  const services: ChildProcess[] = []
  afterEach(() => {
    for (const service of services.splice(0)) service.kill('SIGKILL')
  })

  /** Starts a process in a private mount namespace that has a file. */
  const serve = async (name: string): Promise<ChildProcess> => {
    const script = 'mount -t tmpfs tmpfs /mnt && touch /mnt/mark && echo up && exec sleep 60'
    const service = spawn('unshare', ['--mount', 'sh', '-c', script, name], { stdio: ['ignore', 'pipe', 'inherit'] })
    services.push(service)
    await once(service.stdout ?? service, 'data')
    return service
  }

  it('has its name from the inventory in results and errors', async () => {
    await using host = hostWith('host')
    assert.equal((await host.shell.run(['true'])).where, 'a/here')
    await assert.rejects(host.shell.run(['false']), /on a\/here/)
    assert.equal(await host.serviceNamespace(), undefined)
    assert.equal(await host.service(), host.shell)
  })

  it('runs commands in a plain environment, whatever that of this process is', async (test) => {
    const before = { ...process.env }
    test.after(() => {
      process.env = before
    })
    process.env = { PATH: '/usr/bin', LC_ALL: 'de_DE.UTF-8', LD_PRELOAD: '/no/such.so', 'BASH_FUNC_id%%': '() { :; }' }
    await using host = hostWith('host')
    const { stdout, stderr } = await host.shell.run(['env'])
    assert.equal(stderr, '')
    assert.deepEqual(stdout.trim().split('\n').toSorted(), [
      'HOME=/',
      'LC_ALL=C',
      'PATH=/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ])
  })

  it('finds the mount namespace of a service by its process', async () => {
    const service = spawn('unshare', ['--mount', 'sleep', '60.4711'])
    services.push(service)
    await using host = hostWith({ process: 'sleep 60\\.4711$' })
    const own = readlinkSync('/proc/self/ns/mnt')
    while (readlinkSync(`/proc/${service.pid}/ns/mnt`) === own) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(await host.serviceNamespace(), `/proc/${service.pid}/ns/mnt`)
  })

  it('runs commands that see what the service sees', async () => {
    const { pid } = await serve('dr-drill-test')
    await using host = hostWith({ namespace: `/proc/${pid}/ns/mnt` })
    assert.equal((await (await host.service()).run(['ls', '/mnt'])).stdout, 'mark\n')
    assert.notEqual((await host.shell.run(['ls', '/mnt'])).stdout, 'mark\n')
  })

  const refused = async (service: ServicePlace, message: RegExp) => {
    await using host = hostWith(service)
    await assert.rejects(host.service(), (error) => error instanceof MachineError && message.test(error.message))
    const [report] = await probeHosts([host])
    assert.equal(report?.state, 'unknown')
  }

  it('does not guess where a service is that does not run', async () => {
    await refused({ process: `no process is called ${randomUUID()}` }, /a\/here: .*no process matches/)
    await refused('unknown', /a\/here: .*it runs in a container there, and none is configured/)
    await refused(
      { container: 'no-such-container' },
      /a\/here: .*no container engine there reports that "no-such-container" is running/,
    )
  })

  it('does not guess which of several services it is', async () => {
    for (const _ of [1, 2]) services.push(spawn('unshare', ['--mount', 'sleep', '60.4712']))
    await using host = hostWith({ process: 'sleep 60\\.4712$' })
    // Both need some time to start.
    let error: unknown
    for (let attempt = 0; attempt < 50 && !/several mount namespaces/.test(String(error)); attempt++) {
      await using again = hostWith(host.plan.service)
      error = await again.service().catch((thrown: unknown) => thrown)
    }
    assert.match(String(error), /matches processes in several mount namespaces/)
  })

  it('reports the programs that it lacks, and the commands that install them', async () => {
    const local = new LocalShell()
    // Hides all programs but those of the shell itself.
    const bare = (command: Argv | Script): Argv | Script =>
      'script' in command ? { ...command, script: `PATH=/nowhere\n${command.script}` } : command
    const shell: Shell = {
      where: 'bare',
      run: (command) => local.run(bare(command)),
      try: (command) => local.try(bare(command)),
    }
    const lacks = await lacksOf(shell)
    assert.deepEqual(
      lacks.find(({ message }) => message === 'qemu-img is not installed'),
      { message: 'qemu-img is not installed', remedy: 'dnf install qemu-img' },
    )
    assert.ok(['findmnt', 'flock'].every((name) => lacks.some(({ message }) => message.startsWith(name))))
  })
})
