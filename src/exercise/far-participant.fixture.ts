/**
 * Serves a gateway and the facilitator's page in a network of its own, and tries both from a second machine: another
 * network namespace behind a cable. Prints what came of it as JSON. Start it in a new network namespace, as root.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { until } from '../concurrency/deadline.ts'
import { parseHostKey } from '../shell/host-key.ts'
import { makeKeyPair } from '../shell/key-pair.ts'
import { connect } from '../shell/ssh-connection.ts'
import { Sshd } from '../shell/sshd.ts'
import { tcpConnector } from '../shell/tcp.ts'
import { Gateway } from './gateway.ts'
import { LivePage } from './live-page.ts'
import { handOut } from './participants.ts'

/** Of this machine, on the cable. */
const address = '10.77.0.1'
const run = (line: string): string => execFileSync('sh', ['-ec', line], { encoding: 'utf8' })

run('ip link set lo up')
const far = spawn('unshare', ['--net', 'sleep', '100'], { stdio: 'ignore' })
const networkOf = (pid: number | 'self') => readlinkSync(`/proc/${pid}/ns/net`)
const apart = async () => (networkOf(far.pid ?? 0) === networkOf('self') ? undefined : true)
await until('the second machine', apart, { deadlineMs: 10_000 })
const there = ['nsenter', '-t', `${far.pid}`, '--net']
run(`
ip link add near type veth peer name far netns ${far.pid}
ip address add ${address}/24 dev near
ip link set near up
${there.join(' ')} ip address add 10.77.0.2/24 dev far
${there.join(' ')} ip link set far up`)

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-far-'))
await using sshd = await Sshd.start()
const hostKey = makeKeyPair('gateway')
const ann = { name: 'ann', key: makeKeyPair('ann'), nodes: new Set(['node-1']) }
const nothing = (): void => {}
await using gateway = await Gateway.open({
  ...{ hostKey, address, recordings: join(folder, 'recordings'), notice: 'You are recorded.' },
  people: [{ name: 'ann', publicKey: ann.key.publicKey, nodes: ann.nodes }],
  whereOf: (node) => `site/${node}`,
  connect: (_node, person, signal) =>
    connect(
      {
        ...{ where: person, username: sshd.username, privateKey: sshd.privateKey, hostKey: sshd.hostKey },
        connect: tcpConnector('127.0.0.1', sshd.port),
      },
      parseHostKey(sshd.hostKey),
      signal,
    ),
  desk: async () => ({ text: '', exitCode: 0 }),
  listener: { onBegin: nothing, onCommand: nothing, onCommandEnd: nothing, onEnd: nothing, onLoss: nothing },
})
using page = await LivePage.open({ state: () => ({}) as never, obey: async () => undefined })
const place = { folder, address, port: gateway.port, hostKey, isPortable: true, briefing: 'Hello' }
const own = handOut(ann, place)

/** Runs a program on the second machine, in the folder that was handed out. */
async function onFar(...argv: readonly string[]) {
  const [program = '', ...args] = [...there, 'timeout', '20', ...argv]
  const child = spawn(program, args, { cwd: own, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const [output, problem] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [exitCode] = await ended
  return { output, problem, exitCode }
}

const { port } = new URL(page.url)
const near = spawnSync('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]).status
const found = {
  entered: await onFar('ssh', '-F', 'ssh_config', 'node-1', 'echo $((6 * 7))'),
  page: { near, far: (await onFar('bash', '-c', `exec 3<>/dev/tcp/${address}/${port}`)).exitCode },
}
far.kill()
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`${JSON.stringify(found)}\n`)
