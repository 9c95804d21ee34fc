/** What a person is told when OpenSSH's client makes no connection. */
export interface SshFailure {
  readonly message: string
  readonly remedy?: string
}

const isThisHost = (host: string): string =>
  `Compare the key with what the host itself shows (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, on its console). ${host}`

/**
 * Reads what the client said (at `LogLevel=ERROR`).
 * @param destination as it was given to ssh: a host name, an address or a name of ~/.ssh/config
 */
export function sshFailure(said: string, destination: string, port: number | undefined): SshFailure {
  const at = port === undefined || port === 22 ? destination : `[${destination}]:${port}`
  const changed = /The fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?\s/.exec(said)
  if (changed !== null) {
    const [, type, shown] = changed
    const known = /Offending \S+ key in (.+):\d+/.exec(said)?.[1]
    const forget = `ssh-keygen -R '${at}'${known === undefined ? '' : ` -f '${known}'`}`
    return {
      message: `its host key has changed: it shows the ${type} key ${shown}, and another is known${known === undefined ? '' : ` in ${known}`}. Nothing was sent to it`,
      remedy: isThisHost(`Only if it was installed anew: ${forget}, and add the new key.`),
    }
  }
  const unknown = /No (\S+) host key is known for (.+?) and you have requested strict checking/.exec(said)
  if (unknown !== null) {
    const [, type = '', name = at] = unknown
    const keyscan = `ssh-keyscan -t ${type.toLowerCase()}${port === undefined ? '' : ` -p ${port}`} ${destination}`
    return {
      message: `its ${type} host key is not known (no entry for ${name} in known_hosts). Nothing was sent to it`,
      remedy: isThisHost(`Then add it: ${keyscan} >> ~/.ssh/known_hosts`),
    }
  }
  if (/Host key verification failed/.test(said))
    return {
      message: `its host key could not be verified: ${lastLine(said)}. Nothing was sent to it`,
      remedy: isThisHost('Then see to its entry in known_hosts.'),
    }
  const denied = /^(?:(\S+)@\S+: )?Permission denied \((.*)\)/m.exec(said)
  if (denied !== null)
    return {
      message: `refuses to let ${denied[1] ?? 'us'} in (${denied[2]})`,
      remedy: `Try: ssh -o BatchMode=yes ${port === undefined ? '' : `-p ${port} `}${destination} true. Name the key in the inventory, or load it into ssh-agent: one with a passphrase works only from there.`,
    }
  if (/Bad owner or permissions|Bad configuration option|terminating, \d+ bad configuration/.test(said))
    return { message: `ssh does not take its configuration: ${said.trim()}` }
  return { message: `cannot be reached: ${lastLine(said) || 'ssh ended without a word'}` }
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)?.trim() ?? ''
}
