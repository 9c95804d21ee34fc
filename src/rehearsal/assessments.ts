import { MachineError } from '../errors.ts'
import { silentServer } from '../fault/silent-server.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { toolInGuest } from '../lab/tool/tool-disk.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isFiniteNumber, isText } from '../verdict/observation/facts.ts'
import type { Faults } from './faults.ts'
import type { Scene } from './scene.ts'

const exitCode = defineObservation('the exit code of the assessment', isFiniteNumber)
const recordedWith = exitCode

/** The report of dr-drill itself, as a program on a node, about the targets mounted there. */
export const assessed = {
  exitCode,
  /** How many restores are in which state, in words. */
  restores: defineObservation('the assessed restores', isText, { recordedWith }),
  /** How many restores are in one state. */
  restoresIn: (state: string) =>
    defineObservation(`the assessed restores that are ${state}`, isFiniteNumber, { recordedWith }),
  /** The number of images. */
  images: defineObservation('the assessed images', isFiniteNumber, { recordedWith }),
  /** Why parts of the target were not seen; empty if all was seen. */
  unseen: defineObservation('the parts that the assessment could not see', isText, { recordedWith }),
  /** Milliseconds, without the start of the program. */
  time: defineObservation('the time of the assessment', isFiniteNumber, { recordedWith }),
} as const

interface SummaryLine {
  readonly totals: { readonly images: number; readonly states: Readonly<Record<string, number>> }
  readonly unseen: readonly string[]
}

const [program, output] = [toolInGuest, '/run/assessment.json']
const deadlineMs = 600_000

/** Assessments by dr-drill itself, as a program on a node. */
export class Assessments {
  readonly #scene: Scene
  readonly #faults: Faults

  constructor(scene: Scene, faults: Faults) {
    this.#scene = scene
    this.#faults = faults
  }

  /** Assesses everything that the product has mounted on a node, as its user, with cold caches. */
  async run(node: Machine, options: readonly string[]): Promise<void> {
    const { shares, user } = this.#scene.siteOf(node).plan
    const paths = shares.map(({ mountPath }) => mountPath)
    const args = [`${user.uid}`, `${user.gid}`, ...paths, '--json', ...options]
    const { stdout, stderr } = await node.shell.run({ script, args }, { deadlineMs })
    const [first = '', last = ''] = stdout.trim().split('\n')
    const [exit = Number.NaN, tookMs = Number.NaN] = first.split(' ').map(Number)
    if (!last.startsWith('{')) throw new MachineError('assess-on-node', `${node.where}: ${first}\n${last}\n${stderr}`)
    const { totals, unseen } = JSON.parse(last) as SummaryLine
    const counts = Object.entries(totals.states).filter(([, count]) => count > 0)
    const { journal } = this.#scene.drill
    const { where } = node
    for (const [state, count] of Object.entries(totals.states)) assessed.restoresIn(state).record(journal, where, count)
    assessed.restores.record(journal, where, counts.map(([state, count]) => `${count} ${state}`).join(', '))
    assessed.exitCode.record(journal, where, exit)
    assessed.images.record(journal, where, totals.images)
    assessed.unseen.record(journal, where, unseen.join('\n'))
    assessed.time.record(journal, where, tookMs)
  }

  /** Does the same, and stops a server from answering as soon as the first images are reported. */
  async runWhileSilenced(node: Machine, server: string, options: readonly string[]): Promise<void> {
    await node.shell.run(['rm', '-f', output])
    const isOver = new AbortController()
    const assessing = this.run(node, options).finally(() => isOver.abort())
    try {
      const wait = `until [ -s ${output} ]; do sleep 0.05; done`
      await node.shell.run({ script: wait }, { signal: isOver.signal, deadlineMs })
      await this.#faults.inject(silentServer(server))
    } finally {
      await assessing
    }
  }
}

// The first start reads the program from disk, and is not measured.
const script = `
user=$1 group=$2
shift 2
dr_drill() { setpriv --reuid "$user" --regid "$group" --clear-groups ${program} "$@"; }
now() { read -r seconds _ </proc/uptime; echo "$(echo "$seconds" | tr -d .)0"; }
start() { dr_drill assess /run/nothing --json >/dev/null 2>&1 || true; }
mkdir -p /run/nothing
echo 3 >/proc/sys/vm/drop_caches
start
before=$(now)
start
start=$(($(now) - before))
before=$(now)
code=0
dr_drill assess "$@" >${output} || code=$?
took=$(($(now) - before))
echo "$code $((took > start ? took - start : 0))"
tail -n 1 ${output}
`
