import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { until } from '../concurrency/deadline.ts'
import { parseHostKey } from '../shell/host-key.ts'
import { makeKeyPair } from '../shell/key-pair.ts'
import { connect } from '../shell/ssh-connection.ts'
import { Sshd, whyNoSshd } from '../shell/sshd.ts'
import { tcpConnector } from '../shell/tcp.ts'
import { shellMarks } from './command-marks.ts'
import { Gateway } from './gateway.ts'
import type { TypedCommand } from './participant-session.ts'
import { handOut, type Participant } from './participants.ts'

const skip = whyNoSshd() ?? false
const folder = mkdtempSync(join(tmpdir(), 'dr-drill-gateway-'))
after(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A line of a recording: its time, its direction, and what was printed or typed. */
type CastLine = readonly [number, string, string]

describe('the gateway between participants and nodes', { skip, timeout: 120_000 }, () => {
  let sshd: Sshd
  let gateway: Gateway
  const hostKey = makeKeyPair('gateway')
  const people = ['ann', 'ben', ...Array.from({ length: 8 }, (_, nth) => `p${nth}`)].map(
    (name): Participant => ({
      name,
      key: makeKeyPair(name),
      nodes: new Set(['node-1', ...(name === 'ann' ? ['node-2', 'node-dead'] : [])]),
    }),
  )
  const folders = new Map<string, string>()
  const commands: (TypedCommand & { readonly person: string })[] = []
  const ends: { readonly person: string; readonly recording: string; readonly exitCode: number | null }[] = []

  before(async () => {
    sshd = await Sshd.start()
    gateway = await Gateway.open({
      hostKey,
      people: people.map(({ name, key, nodes }) => ({ name, publicKey: key.publicKey, nodes })),
      whereOf: (node) => (node.startsWith('node-') ? `site/${node}` : undefined),
      connect: (node, person, signal) =>
        connect(
          {
            ...{ where: person, username: sshd.username, privateKey: sshd.privateKey, hostKey: sshd.hostKey },
            connect:
              node === 'node-dead'
                ? () => Promise.reject(new Error('ECONNRESET'))
                : tcpConnector('127.0.0.1', sshd.port),
          },
          parseHostKey(sshd.hostKey),
          signal,
        ),
      desk: async (person, words) => ({ text: `${person}: ${words.join('+')}\n`, exitCode: 7 }),
      recordings: join(folder, 'recordings'),
      notice: 'You are recorded.',
      listener: {
        onBegin: () => {},
        onCommand: () => {},
        onCommandEnd: ({ person }, command) => void commands.push({ ...command, person }),
        onEnd: ({ person, recording }, exitCode) => void ends.push({ person, recording, exitCode }),
        onLoss: ({ recording }, why) => assert.fail(`${recording}: ${why}`),
      },
    })
    for (const person of people)
      folders.set(
        person.name,
        handOut(person, {
          ...{ folder, address: '127.0.0.1', port: gateway.port, hostKey, isPortable: person.name === 'ben' },
          briefing: `Hello ${person.name}`,
        }),
      )
  })
  after(async () => {
    await gateway?.[Symbol.asyncDispose]()
    await sshd?.[Symbol.asyncDispose]()
  })

  function ssh(person: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn('ssh', ['-F', 'ssh_config', ...args], { cwd: folders.get(person) })
  }

  async function ended(process: ChildProcessWithoutNullStreams, input = ''): Promise<Ended> {
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      process[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
      })
    process.stdin.end(input)
    const [code] = (await once(process, 'close')) as [number | null]
    return { code, ...output }
  }

  const run = (person: string, ...args: readonly string[]) => ended(ssh(person, args))

  /** Returns what a recording has of one direction, once the session has ended. */
  async function recorded(person: string, direction: 'i' | 'o', nth = -1): Promise<string> {
    const own = () => ends.filter((one) => one.person === person)
    const { recording } = await until('the session to end', async () => own().at(nth), { deadlineMs: 10_000 })
    const lines = readFileSync(join(folder, 'recordings', recording), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
    const events = lines.map((line) => JSON.parse(line) as CastLine)
    return events.flatMap(([, code, text]) => (code === direction ? [text] : [])).join('')
  }

  it('passes output, errors, input and the exit code, and prints its notice', async () => {
    const { code, stdout, stderr } = await ended(ssh('ann', ['node-1', 'cat; echo oops >&2; exit 3']), 'typed in\n')
    assert.deepEqual([code, stdout], [3, 'typed in\n'])
    assert.match(stderr, /^You are recorded\./)
    assert.match(stderr, /oops/)
    assert.equal(await recorded('ann', 'i'), 'typed in\n')
    assert.match(await recorded('ann', 'o'), /typed in\n/)
    const last = commands.findLast(({ person }) => person === 'ann')
    assert.deepEqual([last?.command, last?.input, last?.exitCode], ['cat; echo oops >&2; exit 3', 'typed in\n', 3])
  })

  it('records ten people who print a megabyte each at the same time, without loss', async () => {
    const script = 'head -c 750000 /dev/urandom | base64 -w 99'
    const results = await Promise.all(people.map(({ name }) => run(name, 'node-1', script)))
    for (const [nth, { stdout, code }] of results.entries()) {
      assert.equal(code, 0)
      assert.ok(stdout.length > 1_000_000, `${stdout.length}`)
      const output = await recorded(people[nth]?.name ?? '', 'o')
      assert.ok(output.includes(stdout), people[nth]?.name)
    }
  })

  it('records a terminal with colors, and each command of its shell with its exit code', async () => {
    const marks = join(folder, 'marks')
    writeFileSync(marks, `PS1='$ '\n${shellMarks}`)
    const before = ends.filter(({ person }) => person === 'ben').length
    const terminal = ssh('ben', ['-tt', 'node-1', `HISTFILE= bash --noprofile --rcfile ${marks} -i`])
    terminal.stderr.resume()
    const closed = once(terminal, 'close')
    let shown = ''
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text
    })
    const type = async (text: string, expected: RegExp) => {
      terminal.stdin.write(text)
      await until(`${expected}`, async () => (expected.test(shown) ? true : undefined), { deadlineMs: 20_000 })
    }
    await type('', /\$ $/)
    await type("printf '\\e[31mr%s\\e[0m\\n' ed\r", /red[^]*\$ $/)
    await type('false\r', /false\r\n[^]*\$ $/)
    await type('exit\r', /exit/)
    await closed
    assert.ok(!shown.includes('\x1b]633'), 'the marks are shown')
    const output = await recorded('ben', 'o', before)
    assert.ok(output.includes('\x1b[31mred\x1b[0m'), output)
    assert.match(await recorded('ben', 'i', before), /false\r/)
    const own = commands.filter(({ person, command }) => person === 'ben' && /printf|false/.test(command)).slice(-2)
    assert.deepEqual(
      own.map(({ command, exitCode, output: text }) => [command, exitCode, text.trim()]),
      [
        ["printf '\\e[31mr%s\\e[0m\\n' ed", 0, 'red'],
        ['false', 1, ''],
      ],
    )
  })

  it('keeps the recording of a participant whose client is killed', async () => {
    const client = ssh('p0', ['node-1', 'echo begun; sleep 60'])
    client.stderr.resume()
    const before = ends.filter(({ person }) => person === 'p0').length
    await once(client.stdout, 'data')
    client.kill('SIGKILL')
    await until('the end', async () => ends.filter(({ person }) => person === 'p0').at(before), { deadlineMs: 10_000 })
    assert.match(await recorded('p0', 'o'), /begun/)
    assert.equal(commands.findLast(({ person }) => person === 'p0')?.exitCode, null)
  })

  it('lets no one in with an unknown key, to the node of another role, or to a port', async () => {
    const stranger = join(folder, 'stranger')
    writeFileSync(stranger, makeKeyPair('stranger').privateKey, { mode: 0o600 })
    const unknown = await run(
      'ann',
      '-o',
      'IdentityFile=none',
      '-i',
      stranger,
      '-F',
      '/dev/null',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
      '-p',
      `${gateway.port}`,
      'node-1@127.0.0.1',
      'true',
    )
    assert.equal(unknown.code, 255)
    assert.match(unknown.stderr, /Permission denied/)
    const other = await run('ben', '-l', 'node-2', 'node-1', 'true')
    assert.equal(other.code, 255)
    assert.match(other.stderr, /ben has no access to "node-2". Machines: node-1/)
    const forward = await run('ann', '-W', `127.0.0.1:${sshd.port}`, 'node-1')
    assert.notEqual(forward.code, 0)
    assert.doesNotMatch(forward.stdout, /SSH-2/)
  })

  it('passes commands to the exercise itself to its desk', async () => {
    const { code, stdout } = await run('ben', '-o', 'LogLevel=ERROR', 'exercise', 'verify', 'x')
    assert.deepEqual([code, stdout], [7, 'ben: verify+x\n'])
  })

  it('names a node that cannot be entered, and what to do', async () => {
    const { code, stderr } = await run('ann', 'node-dead', 'true')
    assert.equal(code, 255)
    assert.match(stderr, /node-dead cannot be entered: .*ECONNRESET\nIf it stays so, ask the facilitator/)
  })

  it('begins no session while it is paused', async () => {
    gateway.isPaused = true
    const { code, stderr } = await run('ann', 'node-1', 'true')
    gateway.isPaused = false
    assert.equal(code, 255)
    assert.match(stderr, /The exercise is paused/)
    const later = await run('ann', 'node-1', 'true')
    assert.equal(later.code, 0, later.stderr)
  })
})
