import { lastLine } from './last-line.ts'

/** Why a host cannot be used over OpenSSH's client. */
export interface SshFailure {
  readonly message: string
  readonly remedy?: string
}

const compareKey = (next: string): string =>
  `Compare the key with the output of ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host's console. ${next}`

/**
 * Finds the cause in the messages of the client (at `LogLevel=ERROR`).
 * @param destination the argument of ssh: a host name, an address or a name of ~/.ssh/config
 */
export function sshFailure(messages: string, destination: string, port: number | undefined): SshFailure {
  const at = port === undefined || port === 22 ? destination : `[${destination}]:${port}`
  const changed = /The fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?\s/.exec(messages)
  if (changed !== null) {
    const [, type, shown] = changed
    const known = /Offending \S+ key in (.+):\d+/.exec(messages)?.[1]
    const forget = `ssh-keygen -R '${at}'${known === undefined ? '' : ` -f '${known}'`}`
    return {
      message: `its host key has changed: it shows the ${type} key ${shown}, but ${known ?? 'known_hosts'} has another. Nothing was sent to it`,
      remedy: compareKey(`If the host was reinstalled, run ${forget}, and add the new key.`),
    }
  }
  const unknown = /No (\S+) host key is known for (.+?) and you have requested strict checking/.exec(messages)
  if (unknown !== null) {
    const [, type = '', name = at] = unknown
    const keyscan = `ssh-keyscan -t ${type.toLowerCase()}${port === undefined ? '' : ` -p ${port}`} ${destination}`
    return {
      message: `its ${type} host key is not known (no entry for ${name} in known_hosts). Nothing was sent to it`,
      remedy: compareKey(`Then add it: ${keyscan} >> ~/.ssh/known_hosts`),
    }
  }
  if (/Host key verification failed/.test(messages))
    return {
      message: `its host key cannot be verified: ${lastLine(messages)}. Nothing was sent to it`,
      remedy: compareKey('Then correct its entry in known_hosts.'),
    }
  const denied = /^(?:(\S+)@\S+: )?Permission denied \((.*)\)/m.exec(messages)
  if (denied !== null)
    return {
      message: `permission denied for ${denied[1] ?? 'this user'} (${denied[2]})`,
      remedy: `Name the key in the inventory, or load it into ssh-agent. A key with a passphrase works only in ssh-agent. To test it: ssh -o BatchMode=yes ${port === undefined ? '' : `-p ${port} `}${destination} true`,
    }
  if (/No user exists for uid/.test(messages))
    return {
      message: `ssh does not run on this machine: ${lastLine(messages)}`,
      remedy: 'Add the user who runs dr-drill to /etc/passwd of this machine.',
    }
  if (/Bad owner or permissions|Bad configuration option|terminating, \d+ bad configuration/.test(messages))
    return { message: `ssh rejects its configuration: ${messages.trim()}` }
  return { message: `cannot connect: ${lastLine(messages) || 'ssh exited without a message'}` }
}
