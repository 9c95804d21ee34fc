import { after, before, describe } from 'node:test'
import { shellContract } from './contract.ts'
import { type OpensshOptions, OpensshShell } from './openssh.ts'
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
})
