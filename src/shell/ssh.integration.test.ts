import assert from 'node:assert/strict'
import { Duplex, PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '../errors.ts'
import { shellContract } from './contract.ts'
import { fingerprint, parseHostKey } from './host-key.ts'
import { makeKeyPair } from './key-pair.ts'
import { ShellError } from './shell.ts'
import { type SshOptions, SshShell } from './ssh.ts'
import { Sshd, whyNoSshd } from './sshd.ts'
import { tcpConnector } from './tcp.ts'

const reason = whyNoSshd()

describe('SshShell', { skip: reason ?? false }, () => {
  let sshd: Sshd
  before(async () => {
    sshd = await Sshd.start()
  })
  after(() => sshd[Symbol.asyncDispose]())

  const optionsFor = (changes: Partial<SshOptions> = {}): SshOptions => ({
    where: 'guest',
    username: sshd.username,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKey,
    connect: tcpConnector('127.0.0.1', sshd.port),
    deadlineMs: 10_000,
    ...changes,
  })

  /** Connections that the test can cut. */
  const wire = () => {
    const sockets: Duplex[] = []
    const connect = async (signal: AbortSignal) => {
      const socket = await tcpConnector('127.0.0.1', sshd.port)(signal)
      sockets.push(socket)
      return socket
    }
    return { connect, sockets, cut: () => sockets.at(-1)?.destroy() }
  }

  shellContract('SshShell', async () => new SshShell(optionsFor()))

  describe('host keys', () => {
    it('refuses a host with another key, and reports both fingerprints', async () => {
      const { publicKey } = makeKeyPair('other')
      await using shell = new SshShell(optionsFor({ hostKey: publicKey }))
      const error = await shell.run(['true']).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof ShellError, `${error}`)
      for (const key of [sshd.hostKey, publicKey]) {
        assert.ok(error.message.includes(fingerprint(parseHostKey(key).bytes)), error.message)
      }
    })

    it('refuses a host without a key of the expected kind', async () => {
      const hostKey =
        'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg='
      await using shell = new SshShell(optionsFor({ hostKey }))
      await assert.rejects(shell.run(['true']), (error) => {
        return (
          error instanceof ShellError && /host key/.test(error.message) && /ecdsa-sha2-nistp256/.test(error.message)
        )
      })
    })

    it('requests the expected kind of key from a host with several keys', async () => {
      await using shell = new SshShell(optionsFor({ hostKey: sshd.rsaHostKey }))
      await shell.run(['true'])
    })

    it('accepts a line of a known_hosts file as the host key', async () => {
      await using shell = new SshShell(optionsFor({ hostKey: `guest,10.0.0.1 ${sshd.hostKey}` }))
      await shell.run(['true'])
    })

    it('refuses unreadable keys before anything starts', () => {
      assert.throws(() => new SshShell(optionsFor({ hostKey: 'ssh-ed25519 nonsense' })), InputError)
      assert.throws(() => new SshShell(optionsFor({ privateKey: 'nonsense' })), InputError)
    })
  })

  describe('connecting', () => {
    it('fails at once if the login is refused', async () => {
      const startedAt = performance.now()
      await using shell = new SshShell(optionsFor({ privateKey: makeKeyPair('other').privateKey }))
      await assert.rejects(shell.run(['true']), /permission denied for .* with our key/)
      assert.ok(performance.now() - startedAt < 20_000)
    })

    it('times out at its deadline, and reports the cause', async () => {
      await using shell = new SshShell(optionsFor({ connect: tcpConnector('127.0.0.1', 1), deadlineMs: 1_500 }))
      await assert.rejects(shell.run(['true']), (error) => {
        return error instanceof ShellError && /within 1500 ms.*ECONNREFUSED/.test(error.message)
      })
    })

    it('times out if a relay stays silent', async () => {
      const silent = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
      await using shell = new SshShell(optionsFor({ connect: async () => silent, deadlineMs: 400 }))
      await assert.rejects(shell.run(['true']), ShellError)
      assert.ok(silent.destroyed)
    })

    it('goes on to retry while a host refuses at once, for longer than its first attempts take', async () => {
      let attempts = 0
      const connect = async (signal: AbortSignal) => {
        if (++attempts <= 25) throw new Error('refused')
        return await tcpConnector('127.0.0.1', sshd.port)(signal)
      }
      await using shell = new SshShell(optionsFor({ connect }))
      assert.equal((await shell.run(['true'])).exitCode, 0)
    })

    it('retries while the host boots', async () => {
      const { connect } = wire()
      let attempts = 0
      const refuseTwice = async (signal: AbortSignal) => {
        if (++attempts < 3) throw new Error('not yet')
        return connect(signal)
      }
      await using shell = new SshShell(optionsFor({ connect: refuseTwice }))
      await shell.run(['true'])
      assert.equal(attempts, 3)
    })

    it('uses one connection for all commands', async () => {
      const { connect, sockets } = wire()
      await using shell = new SshShell(optionsFor({ connect }))
      await Promise.all(Array.from({ length: 12 }, () => shell.run(['true'])))
      assert.equal(sockets.length, 1)
    })

    it('rejects when the caller aborts its signal', async () => {
      await using shell = new SshShell(optionsFor({ connect: () => new Promise(() => {}) }))
      const signal = AbortSignal.timeout(100)
      const startedAt = performance.now()
      await assert.rejects(shell.run(['true'], { signal }), { name: 'TimeoutError' })
      assert.ok(performance.now() - startedAt < 20_000)
    })
  })

  describe('a connection that is lost', () => {
    it('is replaced for the next command once the server is back', async () => {
      const { connect, sockets, cut } = wire()
      await using shell = new SshShell(optionsFor({ connect }))
      await shell.run(['true'])
      await sshd.stopListening()
      cut()
      const running = shell.run(['echo', 'back'])
      await delay(300)
      await sshd.listen()
      assert.equal((await running).stdout, 'back\n')
      assert.equal(sockets.length, 2)
    })

    it('fails the running command without running it again', async () => {
      const { connect, sockets, cut } = wire()
      await using shell = new SshShell(optionsFor({ connect }))
      let begun = 0
      const running = shell.try({ script: 'echo begun; sleep 5' }, { onOutput: () => ++begun && cut() })
      await assert.rejects(running, (error) => {
        return error instanceof ShellError && /lost while the command ran/.test(error.message)
      })
      assert.deepEqual([begun, sockets.length], [1, 1])
      assert.equal((await shell.run(['echo', 'next'])).stdout, 'next\n')
    })

    it('is noticed when the host falls silent', async () => {
      const { connect } = wire()
      const valve = { isOpen: true }
      const throttled = async (signal: AbortSignal) => throughValve(await connect(signal), valve)
      await using shell = new SshShell(optionsFor({ connect: throttled, silenceMs: 600 }))
      const startedAt = performance.now()
      const close = () => {
        valve.isOpen = false
      }
      await assert.rejects(shell.try({ script: 'echo begun; sleep 20' }, { onOutput: close }), /lost/)
      assert.ok(performance.now() - startedAt < 15_000)
    })

    it('is not assumed while a long command prints nothing', async () => {
      await using shell = new SshShell(optionsFor({ silenceMs: 1_500 }))
      assert.equal((await shell.run(['sleep', '4'])).exitCode, 0)
    })

    it('makes commands that had not begun start over one new connection', async () => {
      const { connect, sockets, cut } = wire()
      const valve = { isOpen: true }
      const throttled = async (signal: AbortSignal) => throughValve(await connect(signal), valve)
      await using shell = new SshShell(optionsFor({ connect: throttled }))
      await shell.run(['true'])
      valve.isOpen = false
      const running = Promise.all(['1', '2', '3'].map((text) => shell.run(['echo', text])))
      // The commands have reached the server by now, but its answers do not get through.
      await delay(200)
      valve.isOpen = true
      cut()
      assert.deepEqual(
        (await running).map(({ stdout }) => stdout),
        ['1\n', '2\n', '3\n'],
      )
      await shell.run(['true'])
      assert.equal(sockets.length, 2)
    })
  })

  it('refuses new commands after it was closed', async () => {
    const shell = new SshShell(optionsFor())
    await shell.run(['true'])
    await shell[Symbol.asyncDispose]()
    await assert.rejects(shell.run(['true']), ShellError)
  })

  it('closes all connections, including those with running commands', async () => {
    const { connect, sockets } = wire()
    const shell = new SshShell(optionsFor({ connect }))
    const begun = Promise.withResolvers<void>()
    const running = shell.try({ script: 'echo begun; sleep 20' }, { onOutput: () => begun.resolve() })
    await begun.promise
    // Two commands that cannot be stopped. Each keeps its connection occupied.
    for (const _ of [1, 2]) await shell.try({ script: 'setsid sleep 6 & sleep 20' }, { deadlineMs: 100 })
    await shell.run(['true'])
    await Promise.all([assert.rejects(running, ShellError), shell[Symbol.asyncDispose]()])
    assert.deepEqual(
      sockets.map(({ destroyed }) => destroyed),
      [true, true, true],
    )
  })

  describe('session', () => {
    it('connects a terminal to a command, and returns its exit code', async () => {
      await using shell = new SshShell(optionsFor())
      const input = new PassThrough()
      const output = new PassThrough()
      let shown = ''
      output.on('data', (chunk) => {
        shown += chunk
      })
      input.write('typed\n')
      const command = ['sh', '-c', 'test -t 0 && read -r line && stty size && echo "got $line" && exit 5'] as const
      const exitCode = await shell.session({ command, input, output, isTerminal: true })
      assert.equal(exitCode, 5)
      assert.match(shown, /\d+ \d+\r\ngot typed/)
    })

    it('opens the login shell by default', async () => {
      await using shell = new SshShell(optionsFor())
      const input = new PassThrough()
      input.write('exit 9\n')
      assert.equal(await shell.session({ input, output: new PassThrough().resume(), isTerminal: true }), 9)
    })

    it('passes bytes unchanged if our side is not a terminal, and keeps both outputs apart', async () => {
      await using shell = new SshShell(optionsFor())
      const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 256))
      input.end(bytes)
      const seen = Promise.all([output, errors].map((stream) => buffer(stream)))
      const command = ['sh', '-c', 'test -t 0 || echo none >&2; cat; exit 5'] as const
      assert.equal(await shell.session({ command, input, output, errors }), 5)
      output.end()
      errors.end()
      const [out, err] = await seen
      assert.ok(out?.equals(bytes))
      assert.equal(err?.toString(), 'none\n')
    })
  })
})

/** Passes bytes on while the valve is open. Bytes from the host are lost while it is closed. */
function throughValve(socket: Duplex, valve: { readonly isOpen: boolean }): Duplex {
  const through = new Duplex({
    read() {},
    write: (chunk, _encoding, done) => {
      socket.write(chunk)
      done()
    },
    final: (done) => {
      socket.end()
      done()
    },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => {
    if (valve.isOpen) through.push(chunk)
  })
  socket.on('close', () => through.destroy())
  socket.on('error', () => {})
  return through
}
