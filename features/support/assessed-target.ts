import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssessmentSummary } from '../../src/assess/judge/assessment-summary.ts'
import type { Drill } from '../../src/index.ts'
import {
  assessedStates,
  assessmentExit,
  assessmentOutput,
  chainStates,
  changesOnTarget,
  type Exit,
  findingCodes,
  neededOriginPaths,
} from './observations.ts'
import type { Surroundings } from './surroundings.ts'
import { ToolProcess } from './tool-process.ts'

interface ImageLine {
  readonly kind: string
  readonly path: string
  readonly role: string
  readonly links: number
  readonly state: string
  readonly defect?: { readonly code: string }
}

/** A target in a folder of its own, with its assessments by the tool. */
export class AssessedTarget implements Disposable {
  readonly #drill: Drill
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-assess-'))
  #chain: readonly string[] = []

  constructor(drill: Drill) {
    this.#drill = drill
  }

  get path(): string {
    return join(this.#folder, 'target')
  }

  async create(shape: Readonly<Record<string, string>>, more: readonly string[]): Promise<void> {
    const options = Object.entries(shape).flatMap(([name, value]) =>
      value === 'true' ? [`--${name}`] : [`--${name}`, value],
    )
    const { exit, output } = await this.#run(['target', 'create', this.path, ...options, ...more])
    if (exit !== 0) throw new Error(`target create failed: ${output}`)
  }

  /** The paths of the longest chain before it was damaged, from the full image up. */
  async chain(): Promise<readonly string[]> {
    if (this.#chain.length === 0) {
      const { lines } = await this.#assess([])
      const disks = lines.filter(({ role }) => role === 'disk').toSorted((a, b) => a.links - b.links)
      this.#chain = disks.map(({ path }) => join(this.path, path))
    }
    return this.#chain
  }

  assess(options: readonly string[]): Promise<void> {
    return this.#observe(options)
  }

  /** Assesses in a mount namespace of its own, with nothing but the bind below /var. */
  assessWhere(originPath: string): Promise<void> {
    const bind = 'mount -t tmpfs none /var; mkdir -p "$2"; mount --bind "$1" "$2"; shift 2; exec "$@"'
    const launcher = [
      'unshare',
      '--user',
      '--map-root-user',
      '--mount',
      'sh',
      '-euc',
      bind,
      'sh',
      this.path,
      originPath,
    ]
    return this.#observe([], { launcher })
  }

  async #observe(options: readonly string[], surroundings: Surroundings = {}): Promise<void> {
    const before = look(this.path)
    const { exit, summary, lines, output } = await this.#assess(options, surroundings)
    const after = look(this.path)
    const { journal } = this.#drill
    const changed = [...new Set([...before, ...after])].filter((line) => !before.has(line) || !after.has(line))
    changesOnTarget.record(journal, 'localhost', changed)
    recordAssessment(journal, 'localhost', factsOf({ exit, output, summary }))
    if (summary === undefined) return
    chainStates.record(journal, 'localhost', this.#chain.map((path) => stateOf(lines, path)).join(', '))
  }

  async #assess(options: readonly string[], surroundings: Surroundings = {}) {
    const { exit, output } = await this.#run(['assess', this.path, '--json', ...options], surroundings)
    return { exit, ...readAssessment(output) }
  }

  async #run(args: readonly string[], surroundings: Surroundings = {}) {
    using tool = new ToolProcess(args, surroundings)
    const exit = await tool.ended
    return { exit, output: tool.output }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Parses the output of `assess --json`. */
export function readAssessment(output: string) {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ImageLine)
  const summary = lines.find(({ kind }) => kind === 'summary') as (ImageLine & AssessmentSummary) | undefined
  return { output, summary, lines: lines.filter(({ kind }) => kind === 'image') }
}

/** The recorded facts of an assessment. Without a summary, only its end. */
export interface AssessmentFacts {
  readonly exit: Exit
  readonly output: string
  readonly states?: Readonly<Record<string, number>>
  readonly findings?: string
  readonly originPaths?: readonly string[]
}

export function factsOf({
  exit,
  output,
  summary,
}: {
  readonly exit: Exit
  readonly output: string
  readonly summary: AssessmentSummary | undefined
}): AssessmentFacts {
  if (summary === undefined) return { exit, output }
  return {
    exit,
    output,
    states: summary.totals.states,
    findings: summary.findings
      .map((finding) => finding.code)
      .toSorted()
      .join(', '),
    originPaths: summary.originPaths.flatMap(({ path, share, targets }) =>
      targets.flatMap(({ isHere, images }) => (isHere ? [] : `${path} of ${share} for ${images}`)),
    ),
  }
}

export function recordAssessment(
  journal: Drill['journal'],
  where: string,
  { exit, output, states, findings, originPaths }: AssessmentFacts,
): void {
  assessmentExit.record(journal, where, exit)
  assessmentOutput.record(journal, where, output)
  if (states !== undefined) assessedStates.record(journal, where, states)
  if (findings !== undefined) findingCodes.record(journal, where, findings)
  if (originPaths !== undefined) neededOriginPaths.record(journal, where, originPaths)
}

function stateOf(lines: readonly ImageLine[], path: string): string {
  const line = lines.find((one) => path.endsWith(one.path))
  return line?.defect?.code ?? line?.state ?? 'not mentioned'
}

/** Everything that is visible of a tree. */
function look(root: string): ReadonlySet<string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return new Set(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const { size, mode, mtimeMs, ctimeMs } = lstatSync(path)
      const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
      return `${path} ${size} ${mode} ${mtimeMs} ${ctimeMs} ${content}`
    }),
  )
}
