import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Drill } from '../drill/drill.ts'
import { recordedShell } from '../drill/recorded-shell.ts'
import type { Lab } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { writeAccess } from '../lab/registry/access.ts'
import type { Site } from '../lab/site.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { thisProcess } from '../localhost/process-identity.ts'
import { LocalShell } from '../shell/local.ts'
import type { CommandResult } from '../shell/shell.ts'
import { runbookEnds, runbookOutput } from '../verdict/observation/runbook-end.ts'
import type { Holdings } from './holdings.ts'
import type { Recovery } from './recovery.ts'
import type { Runbook } from './runbook-command.ts'
import { type RunbookFacts, type RunbookPair, runbookVariables } from './runbook-facts.ts'

/** What a project's runbook may take unless it says so itself. */
const runbookDeadlineMs = 30 * 60_000

/**
 * What it starts in its process group ends when it does; and when the tool is gone, however it went, so does the runbook.
 * Becomes the runbook, as the leader of the group.
 */
const guard = `owner=$1; shift
( while kill -0 "$owner" && kill -0 $$; do sleep 0.5; done; kill -s KILL -- -$$ ) </dev/null >/dev/null 2>&1 &
exec "$@"`

/** What a runbook is carried out on. */
export interface RunbookScene {
  readonly lab: Lab
  /** The site that is recovered. */
  readonly site: Site
  readonly holdings: Holdings
  readonly recovery: Recovery
}

/** Carries out runbooks as the recovery that is drilled. How each one ended is recorded, and judged by nobody here. */
export class Runbooks {
  readonly #drill: Drill
  readonly #scene: RunbookScene
  readonly #run: string
  #folder: LeasedFolder | undefined

  /** @param run that the lab belongs to */
  constructor(drill: Drill, scene: RunbookScene, run: string) {
    this.#drill = drill
    this.#scene = scene
    this.#run = run
  }

  /** On this machine, from the project's folder, with ways into every machine of the lab. */
  async onControlHost(runbook: Runbook, deadlineMs = runbookDeadlineMs): Promise<void> {
    const folder = await this.#sharedFolder()
    const { sshConfig, ansibleInventory, inventory } = await writeAccess(this.#scene.lab, this.#run, folder.path)
    const facts = { ...this.#facts(), sshConfig, ansibleInventory, inventory, records: join(folder.path, 'records') }
    const file = join(folder.path, 'facts.json')
    await writeFile(file, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 })
    const shell = recordedShell(new LocalShell(), this.#drill.journal)
    const words = runbook.kind === 'command' ? ['sh', '-c', runbook.line] : ['sh', '-euc', runbook.script]
    await this.#scene.recovery.asOperator([this.#scene.site.appliance], async () => {
      const result = await shell.try(['sh', '-c', guard, 'sh', `${process.pid}`, ...words], {
        cwd: runbook.kind === 'command' ? runbook.project : folder.path,
        env: runbookVariables(facts, file),
        deadlineMs,
        signal: this.#drill.signal,
      })
      this.#record(runbook, result)
    })
  }

  /** One for all runbooks of a drill, which ends with it: what one of them leaves there, another one finds. */
  async #sharedFolder(): Promise<LeasedFolder> {
    if (this.#folder === undefined) {
      const owner = { run: this.#run, lab: `runbook-${this.#drill.id}`, owner: await thisProcess() }
      this.#folder = this.#drill.own(await LeasedFolder.make(owner))
    }
    return this.#folder
  }

  /** On each of the nodes at once, as root there, from a copy of the file that the command line names. */
  async onNodes(runbook: Runbook, nodes: readonly Machine[], deadlineMs = runbookDeadlineMs): Promise<void> {
    await this.#scene.recovery.asOperator(nodes, (node) => this.#onNode(runbook, node, deadlineMs))
  }

  async #onNode(runbook: Runbook, node: Machine, deadlineMs: number): Promise<void> {
    const { shell, name } = node
    const facts = this.#facts(this.#scene.lab.siteOf(node))
    const folder = (await shell.run(['mktemp', '-d', '/run/dr-drill-runbook.XXXXXX'])).stdout.trim()
    const put = (file: string, content: string | Uint8Array) =>
      shell.run(['sh', '-c', 'cat >"$0" && chmod 700 "$0"', `${folder}/${file}`], { stdin: content })
    try {
      await put('facts.json', JSON.stringify(facts, null, 2))
      const env = runbookVariables(facts, `${folder}/facts.json`, name)
      const options = { cwd: folder, env, deadlineMs, signal: this.#drill.signal }
      if (runbook.kind === 'script') {
        this.#record(runbook, await shell.try({ script: runbook.script }, options))
        return
      }
      const [program = '', rest = ''] = /^(\S+)(.*)$/s.exec(runbook.line)?.slice(1) ?? []
      const isFile = program.includes('/')
      if (isFile) await put(basename(program), readFileSync(resolve(runbook.project, program)))
      const line = isFile ? `./${basename(program)}${rest}` : runbook.line
      this.#record(runbook, await shell.try(['sh', '-c', line], options))
    } finally {
      // A drill that was interrupted has no machine that would answer.
      if (!this.#drill.signal.aborted) await shell.try(['rm', '-rf', '--', folder])
    }
  }

  #facts({ plan, nodes }: Site = this.#scene.site): RunbookFacts {
    const { holdings } = this.#scene
    const paths = holdings.originPairs(plan).map(({ origin, local }): RunbookPair => {
      const mounted = plan.shares.find(({ mountPath }) => mountPath === local)
      return {
        originShare: holdings.shareOf(origin),
        originPath: origin,
        localPath: local,
        localShare: mounted?.share.text ?? '',
      }
    })
    const { name, distribution, version, baseDirectory, pathRule, user } = plan
    return {
      version: 1,
      site: { name, distribution, version, baseDirectory, pathRule, owner: { uid: user.uid, gid: user.gid } },
      nodes: nodes.map((node) => ({ name: node.name, role: node.role, address: node.address })),
      paths,
    }
  }

  #record(runbook: Runbook, { where, ended, exitCode, signal, stdout, stderr }: CommandResult): void {
    const name = runbook.kind === 'command' ? runbook.line : 'the commands'
    const { journal } = this.#drill
    runbookOutput.record(journal, where, `${stdout}${stderr}`.slice(-16_384))
    runbookEnds.record(journal, where, { runbook: name, ended, exitCode, signal })
  }
}
