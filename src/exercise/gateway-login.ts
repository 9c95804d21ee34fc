import ssh2, { type AuthContext, type ParsedKey, type Connection as SshServerClient } from 'ssh2'

/** A person with a key. */
export interface GatewayPerson {
  readonly name: string
  readonly publicKey: string
  /** The names of the nodes that the person may enter. */
  readonly nodes: ReadonlySet<string>
}

/** A person whose key a client has proved, and the node that the client named as its user. */
export interface GatewayLogin {
  readonly person: GatewayPerson
  readonly node: string
}

interface KnownKey {
  readonly person: GatewayPerson
  readonly key: ParsedKey
}

/** Finds people by their keys. */
export class GatewayLogins {
  readonly #keys: readonly KnownKey[]

  constructor(people: readonly GatewayPerson[]) {
    this.#keys = people.map((person) => ({ person, key: parsedKey(person.publicKey) }))
  }

  /** Answers a client until it has proved a key. Returns how to ask for its login, which is undefined until then. */
  follow(client: SshServerClient): () => GatewayLogin | undefined {
    let login: GatewayLogin | undefined
    client.on('authentication', (context) => {
      const person = personOf(context, this.#keys)
      if (person === undefined) {
        context.reject(['publickey'])
        return
      }
      // The client first asks whether the key would do, without a signature.
      if (context.method === 'publickey' && context.signature !== undefined) login = { person, node: context.username }
      context.accept()
    })
    return () => login
  }
}

function parsedKey(publicKey: string): ParsedKey {
  const key = ssh2.utils.parseKey(publicKey)
  if (key instanceof Error) throw key
  return key
}

function personOf(context: AuthContext, keys: readonly KnownKey[]): GatewayPerson | undefined {
  if (context.method !== 'publickey') return undefined
  const found = keys.find(({ key }) => context.key.algo === key.type && context.key.data.equals(key.getPublicSSH()))
  if (found === undefined) return undefined
  const { signature, blob, hashAlgo } = context
  if (signature === undefined || blob === undefined) return found.person
  return found.key.verify(blob, signature, hashAlgo) === true ? found.person : undefined
}
