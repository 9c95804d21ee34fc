import type { Rehearsal } from '../rehearsal/rehearsal.ts'
import { recordingListener, recordOfView, type UntimedRecord } from './exercise-records.ts'
import type { ExerciseScript } from './exercise-schema.ts'
import type { Gateway, GatewayOptions } from './gateway.ts'
import type { Mailbox } from './mailbox.ts'
import { NodeKeeper } from './node-keeper.ts'
import { ObjectiveWatch } from './objective-watch.ts'
import { admit, type TeamMember } from './participants.ts'
import type { GatewayListener } from './recorded-session.ts'
import { TeamAccess, type TeamAccessOptions } from './team-access.ts'

export interface TeamWorkOptions {
  /** The id of the run, which the lab belongs to. */
  readonly run: string
  readonly script: ExerciseScript
  readonly team: readonly TeamMember[]
  /** The address for participants. Undefined for those on this machine. */
  readonly listen?: string
  /** The time limit, for people. */
  readonly limit?: string
  /** The folder of all recordings. */
  readonly recordings: string
  readonly desk: GatewayOptions['desk']
  readonly stateFor: TeamAccessOptions['stateFor']
  readonly record: (record: UntimedRecord) => void
  readonly onCommand: GatewayListener['onCommand']
  /** An objective holds that did not hold before. */
  readonly onMet: (objective: string) => void
  /** All objectives hold that can be judged at any time. */
  readonly onAllMet: () => void
}

/** A team at work in a site: its way in, the nodes that are kept running for it, and the objectives as they are. */
export class TeamWork implements AsyncDisposable {
  readonly watch: ObjectiveWatch
  readonly #rehearsal: Rehearsal
  readonly #access: TeamAccess
  readonly #keeper: NodeKeeper
  readonly #stack: AsyncDisposableStack

  private constructor(
    rehearsal: Rehearsal,
    parts: { readonly access: TeamAccess; readonly keeper: NodeKeeper; readonly watch: ObjectiveWatch },
    stack: AsyncDisposableStack,
  ) {
    this.#rehearsal = rehearsal
    this.#access = parts.access
    this.#keeper = parts.keeper
    this.watch = parts.watch
    this.#stack = stack
  }

  /** @throws MachineError if the address cannot be listened on */
  static async open(rehearsal: Rehearsal, options: TeamWorkOptions): Promise<TeamWork> {
    const { site, sideLooks } = rehearsal
    const { run, script, team, listen, limit, recordings, desk, stateFor, record, onCommand, onMet, onAllMet } = options
    await Promise.all(site.nodes.map((node) => admit(node, team, site.plan.user)))
    await using stack = new AsyncDisposableStack()
    let watch: ObjectiveWatch | undefined
    const access = stack.use(
      await TeamAccess.open({
        ...{ run, script, team, nodes: site.nodes, recordings, desk, stateFor },
        ...(listen !== undefined && { listen }),
        ...(limit !== undefined && { limit }),
        listener: recordingListener(record, { onCommand, onCommandEnd: () => watch?.commandEnded() }),
      }),
    )
    const keeper = stack.use(
      new NodeKeeper(site.nodes, {
        onRestart: (node, text) => record({ event: 'node restarted', node, text }),
        onProblem: (text) => record({ event: 'problem', text }),
      }),
    )
    const observed = { nodes: site.nodes, appliance: site.appliance, looks: sideLooks }
    watch = await ObjectiveWatch.begin(script.objectives, observed, {
      onView: (view) => record(recordOfView(view)),
      onMet,
      onAllMet,
    })
    return new TeamWork(rehearsal, { access, keeper, watch }, stack.move())
  }

  /** The folder of each person. */
  get folders(): ReadonlyMap<string, string> {
    return this.#access.folders
  }

  get gateway(): Gateway {
    return this.#access.gateway
  }

  /** Adds the last mail of a mailbox to the file of each person. */
  deliver(mailbox: Mailbox): void {
    this.#access.deliver(mailbox)
  }

  /** Cuts the power of a node, and starts it again. @throws InputError for an unknown node */
  async cutPower(node: string): Promise<void> {
    await this.#keeper.cutPower(this.#rehearsal.node(node))
  }

  /** @throws InputError for an unknown node */
  async reboot(node: string): Promise<void> {
    await this.#keeper.reboot(this.#rehearsal.node(node))
  }

  /** Waits for nodes that are being restarted, and judges the objectives once more. */
  async lookAtLast(): Promise<void> {
    await this.#keeper.settle()
    await this.watch.lookAtLast()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}
