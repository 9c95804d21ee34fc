import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEngine } from '../lab/engine/open-engine.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { findMachine } from '../lab/registry/find-machine.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { makeFolders } from '../localhost/make-folders.ts'
import { stateFolder } from '../localhost/state-folder.ts'
import { parseHostKey } from '../shell/host-key.ts'
import { makeKeyPair } from '../shell/key-pair.ts'
import { connect } from '../shell/ssh-connection.ts'
import { briefingOf, recordingNotice } from './briefing.ts'
import { briefingPageHtml } from './briefing-page-html.ts'
import type { ExerciseScript } from './exercise-schema.ts'
import { Gateway, type GatewayOptions } from './gateway.ts'
import type { Mailbox } from './mailbox.ts'
import { PageServer } from './page-server.ts'
import { handOut, namesOfNode, type Participant, participantsOf, type TeamMember } from './participants.ts'
import type { GatewayListener } from './recorded-session.ts'

export interface TeamAccessOptions {
  /** The id of the run, which the lab belongs to. */
  readonly run: string
  readonly script: ExerciseScript
  readonly team: readonly TeamMember[]
  readonly nodes: readonly Machine[]
  /** The address for participants. Undefined for those on this machine. */
  readonly listen?: string
  /** The time limit, for people. */
  readonly limit?: string
  /** The folder of all recordings. */
  readonly recordings: string
  readonly desk: GatewayOptions['desk']
  /** Returns what the page of a participant shows. */
  readonly stateFor: (person: Participant) => unknown
  readonly listener: GatewayListener
}

/** The folder of the running exercises, one folder each, with one for each person in it. */
export const exercisesFolder = (): string => join(stateFolder(), 'exercises')

/** The way into a site for a team: a gateway, and a folder with a key and a page for each person. They end with it. */
export class TeamAccess implements AsyncDisposable {
  readonly gateway: Gateway
  /** The folder of each person. */
  readonly folders: ReadonlyMap<string, string>
  readonly #stack: AsyncDisposableStack

  private constructor(gateway: Gateway, folders: ReadonlyMap<string, string>, stack: AsyncDisposableStack) {
    this.gateway = gateway
    this.folders = folders
    this.#stack = stack
  }

  /** @throws MachineError if the address cannot be listened on */
  static async open(options: TeamAccessOptions): Promise<TeamAccess> {
    const { run, script, team, nodes, listen, limit, recordings, desk, stateFor, listener } = options
    await using stack = new AsyncDisposableStack()
    makeFolders(exercisesFolder(), 0o700)
    const folder = stack.use(await LeasedFolder.at(join(exercisesFolder(), run)))
    const people = participantsOf(team, script, nodes)
    const hostKey = makeKeyPair('dr-drill exercise')
    const gateway = stack.use(
      await Gateway.open({
        hostKey,
        people: people.map(({ name, key, nodes: own }) => ({ name, publicKey: key.publicKey, nodes: own })),
        whereOf: (name) => nodes.find((node) => namesOfNode(node).includes(name))?.where,
        connect: connectionsTo(run, nodes),
        desk,
        recordings,
        notice: recordingNotice,
        ...(listen !== undefined && { address: listen }),
        listener,
      }),
    )
    const pages = stack.use(
      await PageServer.open(
        people.map((person) => ({ html: briefingPageHtml, state: () => stateFor(person) })),
        listen,
      ),
    )
    const shared = {
      folder: folder.path,
      address: listen ?? '127.0.0.1',
      port: gateway.port,
      hostKey,
      isPortable: listen !== undefined,
    }
    const folders = new Map(
      people.map((person, index) => [
        person.name,
        handOut(person, { ...shared, briefing: briefingOf(script, person, limit, pages.urls[index] ?? '') }),
      ]),
    )
    return new TeamAccess(gateway, folders, stack.move())
  }

  /** Adds the last mail to the file `mbox` in the folder of each person, for mail programs on this machine. */
  deliver(mailbox: Mailbox): void {
    for (const [person, folder] of this.folders) {
      try {
        appendFileSync(join(folder, 'mbox'), mailbox.lastOf(person), { mode: 0o600 })
      } catch {
        // The person has removed the folder, and still has the mailbox of the gateway.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

/** Returns how to connect to a node as a person, with the key of the lab. */
function connectionsTo(run: string, nodes: readonly Machine[]): GatewayOptions['connect'] {
  const ledger = new Ledger()
  return async (node, person, signal) => {
    const where = nodes.find((one) => namesOfNode(one).includes(node))?.where ?? node
    const { record, machine } = await findMachine(ledger, where, { run })
    const engine = await openEngine(record.engine)
    const { hubId, managementAddress, clientPrivateKey: privateKey, hostPublicKey: hostKey } = machine
    return await connect(
      {
        ...{ where: `${person}@${where}`, username: person, privateKey, hostKey },
        connect: () => engine.connectTo(hubId, managementAddress, 22),
      },
      parseHostKey(hostKey),
      signal,
    )
  }
}
