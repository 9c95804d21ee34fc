import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { recordedShell } from '../drill/recorded-shell.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { writeAccess } from '../lab/registry/access.ts'
import type { Site } from '../lab/site.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { thisProcess } from '../localhost/process-identity.ts'
import { LocalShell } from '../shell/local.ts'
import type { CommandResult } from '../shell/shell.ts'
import { runbookEnds, runbookFiles, runbookOutput } from '../verdict/observation/runbook-end.ts'
import type { Recovery } from './recovery.ts'
import { type Runbook, runbookFileDigests } from './runbook-command.ts'
import { type RunbookFacts, type RunbookPair, runbookVariables } from './runbook-facts.ts'
import type { Scene } from './scene.ts'

/** Deadline of a project's runbook, unless the project sets one. */
const runbookDeadlineMs = 30 * 60_000

/**
 * Becomes the runbook, as the leader of a process group. A watcher in the group ends all of it when the tool is gone,
 * however it ended.
 */
const guard = `owner=$1; shift
( while kill -0 "$owner" && kill -0 $$; do sleep 0.5; done; kill -s KILL -- -$$ ) </dev/null >/dev/null 2>&1 &
exec "$@"`

/** Runs runbooks as the recovery of the drill. Their output and how they ended are recorded, and not judged here. */
export class Runbooks {
  readonly #scene: Scene
  readonly #recovery: Recovery
  #folder: LeasedFolder | undefined

  constructor(scene: Scene, recovery: Recovery) {
    this.#scene = scene
    this.#recovery = recovery
  }

  /** Runs on this machine, in the project's folder, with access to every machine of the lab. */
  async onControlHost(runbook: Runbook, deadlineMs = runbookDeadlineMs): Promise<void> {
    this.#recordFiles(runbook)
    const folder = await this.#sharedFolder()
    const { sshConfig, ansibleInventory, inventory } = await writeAccess(this.#scene.lab, this.#scene.run, folder.path)
    const facts = { ...this.#facts(), sshConfig, ansibleInventory, inventory, records: join(folder.path, 'records') }
    const file = join(folder.path, 'facts.json')
    await writeFile(file, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 })
    const shell = recordedShell(new LocalShell(), this.#scene.drill.journal)
    const words = runbook.kind === 'command' ? ['sh', '-c', runbook.line] : ['sh', '-euc', runbook.script]
    await this.#recovery.asOperator([this.#scene.site.appliance], async () => {
      const result = await shell.try(['sh', '-c', guard, 'sh', `${process.pid}`, ...words], {
        cwd: runbook.kind === 'command' ? runbook.project : folder.path,
        env: runbookVariables(facts, file),
        deadlineMs,
        signal: this.#scene.drill.signal,
      })
      this.#record(runbook, result)
    })
  }

  /** One folder for all runbooks of a drill: a later one finds the files of an earlier one. It ends with the drill. */
  async #sharedFolder(): Promise<LeasedFolder> {
    if (this.#folder === undefined) {
      const owner = { run: this.#scene.run, lab: `runbook-${this.#scene.drill.id}`, owner: await thisProcess() }
      this.#folder = this.#scene.drill.own(await LeasedFolder.make(owner))
    }
    return this.#folder
  }

  /** Runs on all of the nodes at once, as root, with a copy of the file that the command line names. */
  async onNodes(runbook: Runbook, nodes: readonly Machine[], deadlineMs = runbookDeadlineMs): Promise<void> {
    this.#recordFiles(runbook)
    await this.#recovery.asOperator(nodes, (node) => this.#onNode(runbook, node, deadlineMs))
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
      const options = { cwd: folder, env, deadlineMs, signal: this.#scene.drill.signal }
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
      // The machines of an interrupted drill do not answer.
      if (!this.#scene.drill.signal.aborted) await shell.try(['rm', '-rf', '--', folder])
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
    const { journal } = this.#scene.drill
    runbookOutput.record(journal, where, `${stdout}${stderr}`.slice(-16_384))
    runbookEnds.record(journal, where, { runbook: nameOf(runbook), ended, exitCode, signal })
  }

  /** A verdict rests on the files as they are now. */
  #recordFiles(runbook: Runbook): void {
    const files = runbookFileDigests(runbook)
    runbookFiles.record(this.#scene.drill.journal, 'localhost', { runbook: nameOf(runbook), files })
  }
}

function nameOf(runbook: Runbook): string {
  return runbook.kind === 'command' ? runbook.line : 'the commands'
}
