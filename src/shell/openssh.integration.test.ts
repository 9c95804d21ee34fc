import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { OwnTemporaryFolder } from '../localhost/temporary-folder.fixture.ts'
import { shellContract } from './contract.ts'
import { fingerprint, parseHostKey } from './host-key.ts'
import { makeKeyPair } from './key-pair.ts'
import { type OpensshOptions, OpensshShell } from './openssh.ts'
import { ShellError } from './shell.ts'
import { Sshd, whyNoSshd } from './sshd.ts'

const reason = whyNoSshd()

describe('OpensshShell', { skip: reason ?? false }, () => {
  let sshd: Sshd
  before(async () => {
    sshd = await Sshd.start()
  })
  after(() => sshd[Symbol.asyncDispose]())

  const optionsFor = (changes: Partial<OpensshOptions> = {}): OpensshOptions => ({
    where: 'host',
    destination: '127.0.0.1',
    port: sshd.port,
    username: sshd.username,
    key: sshd.keyFile,
    configFile: sshd.clientConfig(),
    ...changes,
  })

  shellContract('OpensshShell', async () => new OpensshShell(optionsFor()))

  const errorOf = async (changes: Partial<OpensshOptions>): Promise<ShellError> => {
    await using shell = new OpensshShell(optionsFor(changes))
    const error = await shell.run(['true']).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof ShellError, String(error))
    return error
  }

  describe('host keys', () => {
    it('refuses an unknown host, and reports the kind of its key and how to add it', async () => {
      const { message, remedy } = await errorOf({ configFile: sshd.clientConfig('', '') })
      assert.match(
        message,
        /^host: its ED25519 host key is not known \(no entry for \[127\.0\.0\.1\]:\d+ in known_hosts\)/,
      )
      assert.match(remedy ?? '', new RegExp(`ssh-keyscan -t ed25519 -p ${sshd.port} 127\\.0\\.0\\.1 >>`))
    })

    it('refuses a host whose key has changed, and reports the new key and the file with the old one', async () => {
      const known = `[127.0.0.1]:${sshd.port} ${makeKeyPair('other').publicKey}`
      const { message, remedy } = await errorOf({ configFile: sshd.clientConfig('', known) })
      const [shown] = fingerprint(parseHostKey(sshd.hostKey).bytes).split(' ')
      assert.match(message, /its host key has changed: it shows the ED25519 key/)
      assert.ok(message.includes(shown ?? ''), message)
      assert.match(remedy ?? '', /ssh-keygen -R '\[127\.0\.0\.1\]:\d+' -f '.*known_hosts'/)
    })

    it('refuses an unknown host although the configuration allows it', async () => {
      const lines = 'StrictHostKeyChecking no\nUpdateHostKeys yes\nLogLevel QUIET'
      const configFile = sshd.clientConfig(lines, '')
      assert.match((await errorOf({ configFile })).message, /host key is not known/)
      assert.equal(readFileSync(join(configFile, '..', 'known_hosts'), 'utf8'), '')
    })

    it('finds hosts with hashed names in known_hosts', async () => {
      const configFile = sshd.clientConfig()
      execFileSync('ssh-keygen', ['-q', '-H', '-f', join(configFile, '..', 'known_hosts')], { stdio: 'ignore' })
      assert.match(readFileSync(join(configFile, '..', 'known_hosts'), 'utf8'), /^\|1\|/)
      await using shell = new OpensshShell(optionsFor({ configFile }))
      await shell.run(['true'])
    })
  })

  describe('connecting', () => {
    const alias = () =>
      sshd.clientConfig(
        `Host stranger\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${sshd.username}\n  IdentityFile ${sshd.keyFile}`,
      )
    const nothing = { username: undefined, port: undefined, key: undefined }

    it('reads host, port, user and key from the configuration', async () => {
      await using shell = new OpensshShell(optionsFor({ ...nothing, destination: 'stranger', configFile: alias() }))
      assert.equal((await shell.run(['echo', 'here'])).stdout, 'here\n')
    })

    it('connects through another host with ProxyJump', async () => {
      const lines = `Host behind\n  ProxyJump stranger\n  HostName 127.0.0.1\n  Port ${sshd.port}\n`
      const file = readFileSync(alias(), 'utf8')
      const configFile = sshd.clientConfig(`${lines}${file}`)
      execFileSync('cp', [configFile, join(configFile, '..', 'with-jump')])
      const options = { ...nothing, key: sshd.keyFile, destination: 'behind', configFile }
      await using shell = new OpensshShell(optionsFor(options))
      assert.equal((await shell.run(['echo', 'here'])).stdout, 'here\n')
    })

    it('uses the keys of ssh-agent', async () => {
      const agent = spawn('ssh-agent', ['-D', '-a', join(sshd.clientConfig(), '..', 'agent')])
      const before = process.env['SSH_AUTH_SOCK']
      try {
        const [line] = (await once(agent.stdout, 'data')) as [Buffer]
        process.env['SSH_AUTH_SOCK'] = /SSH_AUTH_SOCK=([^;]+)/.exec(line.toString())?.[1]
        const config = sshd.clientConfig('IdentityFile none')
        assert.match((await errorOf({ key: undefined, configFile: config })).message, /permission denied/)
        execFileSync('ssh-add', ['-q', sshd.keyFile], { stdio: 'ignore' })
        await using shell = new OpensshShell(optionsFor({ key: undefined, configFile: config }))
        await shell.run(['true'])
      } finally {
        if (before === undefined) delete process.env['SSH_AUTH_SOCK']
        else process.env['SSH_AUTH_SOCK'] = before
        agent.kill()
      }
    })

    it('fails at once if the login is refused', async () => {
      const other = join(sshd.clientConfig(), '..', 'other')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
      const { message, remedy } = await errorOf({ key: other })
      assert.match(message, /^host: permission denied for \S+ \(publickey/)
      assert.match(remedy ?? '', /To test it: ssh -o BatchMode=yes/)
    })

    it('fails without asking if the key has a passphrase', async () => {
      const locked = join(sshd.clientConfig(), '..', 'locked')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked])
      assert.match((await errorOf({ key: locked })).message, /permission denied/)
    })

    it('reports why it cannot connect to a host', async () => {
      assert.match((await errorOf({ port: 1 })).message, /^host: cannot connect: .*Connection refused/)
      assert.match((await errorOf({ destination: 'no-such-host.invalid' })).message, /cannot connect: .*resolve/)
    })

    it('times out if a host stays silent', async () => {
      const silent = createServer().listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const address = silent.address() as { readonly port: number }
      const startedAt = performance.now()
      const { message } = await errorOf({ port: address.port, deadlineMs: 1_500 })
      assert.match(message, /cannot connect/)
      assert.ok(performance.now() - startedAt < 20_000, `${performance.now() - startedAt} ms`)
      silent.close()
    })
  })

  describe('a connection that is lost', () => {
    const masters = (): readonly string[] =>
      execFileSync('pgrep', ['-f', `^ssh .*-p ${sshd.port} .*ControlMaster=yes`], { encoding: 'utf8' })
        .trim()
        .split('\n')
    const cut = (): void => {
      for (const pid of masters()) process.kill(Number(pid), 'SIGKILL')
    }

    it('fails the running command without running it again, and opens a new connection for the next', async () => {
      await using shell = new OpensshShell(optionsFor())
      let begun = 0
      const running = shell.try({ script: 'echo begun; sleep 5' }, { onOutput: () => ++begun && cut() })
      await assert.rejects(
        running,
        (error) => error instanceof ShellError && /lost while the command ran/.test(error.message),
      )
      assert.equal(begun, 1)
      assert.equal((await shell.run(['echo', 'next'])).stdout, 'next\n')
    })
  })

  it('leaves no process and no folder when it is closed during a command', async () => {
    using temporary = new OwnTemporaryFolder()
    const shell = new OpensshShell(optionsFor())
    const running = assert.rejects(shell.run(['sleep', '20']), ShellError)
    await shell.run(['true'])
    assert.equal(temporary.names.length, 1)
    await shell[Symbol.asyncDispose]()
    await running
    assert.deepEqual(temporary.names, [])
    await assert.rejects(shell.run(['true']), /the connection is closed/)
  })
})
