import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssessmentSummary, Drill } from '../../src/index.ts'
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

/** A target in a folder of its own, and what the tool says of it. */
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
    const { code, output } = await this.#run(['target', 'create', this.path, ...options, ...more])
    if (code !== 0) throw new Error(`the target was not created: ${output}`)
  }

  /** Paths of the longest chain of disks, before it was damaged, from the full image up. */
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

  /** In a mount namespace of its own: nothing is below /var but what is bound there. */
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
    const { code, summary, lines, output } = await this.#assess(options, surroundings)
    const after = look(this.path)
    const changed = [...new Set([...before, ...after])].filter((line) => !before.has(line) || !after.has(line))
    this.#say('what has changed on the target', changed)
    for (const [subject, facts] of Object.entries(factsOf({ code, output, summary }))) this.#say(subject, facts)
    if (summary === undefined) return
    this.#say('what becomes of the chain', this.#chain.map((path) => stateOf(lines, path)).join(', '))
  }

  async #assess(options: readonly string[], surroundings: Surroundings = {}) {
    const { code, output } = await this.#run(['assess', this.path, '--json', ...options], surroundings)
    return { code, ...readAssessment(output) }
  }

  async #run(args: readonly string[], surroundings: Surroundings = {}) {
    using tool = new ToolProcess(args, surroundings)
    const code = await tool.ended
    return { code, output: tool.output }
  }

  #say(subject: string, facts: unknown): void {
    this.#drill.journal.append({ kind: 'observation', subject, where: 'localhost', facts })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** What `assess --json` has printed. */
export function readAssessment(output: string) {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ImageLine)
  const summary = lines.find(({ kind }) => kind === 'summary') as (ImageLine & AssessmentSummary) | undefined
  return { output, summary, lines: lines.filter(({ kind }) => kind === 'image') }
}

interface Said {
  readonly code: unknown
  readonly output: string
  readonly summary: AssessmentSummary | undefined
}

/** What is judged of an assessment, wherever it was made, by subject. */
export function factsOf({ code, output, summary }: Said): Readonly<Record<string, unknown>> {
  const outcome = { 'how the assessment ended': code, 'what the assessment said': output }
  if (summary === undefined) return outcome
  return {
    ...outcome,
    'what becomes of the restores': summary.totals.states,
    'the findings': summary.findings
      .map((finding) => finding.code)
      .toSorted()
      .join(', '),
    'the origin paths needed': summary.originPaths.flatMap(({ path, share, targets }) =>
      targets.flatMap(({ isHere, images }) => (isHere ? [] : `${path} of ${share} for ${images}`)),
    ),
  }
}

function stateOf(lines: readonly ImageLine[], path: string): string {
  const line = lines.find((one) => path.endsWith(one.path))
  return line?.defect?.code ?? line?.state ?? 'not mentioned'
}

/** All that can be seen of a tree. */
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
