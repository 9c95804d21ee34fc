import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'

// npm run steadiness -- [--runs 20] [--out FILE] [paths and options of `run` …]
// Runs the same drills repeatedly, and reports how often scenarios did not pass, and why. steadiness.md keeps a result.

interface Drill {
  readonly name: string
  readonly outcome: string
  readonly why?: string
}

interface Report {
  readonly exitCode: number
  readonly durationMs?: number
  readonly drills?: readonly Drill[]
  readonly errors?: readonly string[]
  readonly error?: { readonly message: string }
}

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '20' }, out: { type: 'string' } },
  allowPositionals: true,
})
const runs = Number(values.runs)
const chosen = positionals.length > 0 ? positionals : ['features/procedure']
const reports: Report[] = []
const startedAt = new Date()

for (let number = 1; number <= runs; number++) {
  const report = await runOnce(chosen)
  reports.push(report)
  const seconds = ((report.durationMs ?? 0) / 1000).toFixed(0)
  const load = loadavg()[0]?.toFixed(1)
  process.stderr.write(`run ${number} of ${runs}: exit code ${report.exitCode}, ${seconds} s, load ${load}\n`)
  for (const problem of problemsOf(report)) process.stderr.write(`  ${problem}\n`)
  if (values.out !== undefined) writeFileSync(values.out, page())
}
process.stdout.write(page())
process.exitCode = reports.some(({ exitCode }) => exitCode !== 0) ? 1 : 0

async function runOnce(paths: readonly string[]): Promise<Report> {
  const main = join(import.meta.dirname, '../src/cli/bin.ts')
  const child = spawn(process.execPath, [main, 'run', '--json', ...paths], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  return last === '' ? { exitCode: 3, error: { message: 'the run printed no result' } } : (JSON.parse(last) as Report)
}

function problemsOf({ drills = [], errors = [], error }: Report): readonly string[] {
  const bad = drills.filter(({ outcome }) => outcome !== 'passed')
  const lines = bad.map(({ name, outcome, why = '' }) => `${outcome}: ${name}: ${why.split('\n')[0]}`)
  return [...lines, ...errors, ...(error === undefined ? [] : [error.message])]
}

function page(): string {
  const drills = reports.flatMap((report) => report.drills ?? [])
  const passed = drills.filter(({ outcome }) => outcome === 'passed').length
  const times = reports.map(({ durationMs = 0 }) => durationMs / 1000).toSorted((a, b) => a - b)
  const problems = reports.flatMap((report, index) => problemsOf(report).map((one) => `- run ${index + 1}: ${one}`))
  return `# Steadiness

The same drills, repeated without a pause: \`npm run steadiness -- --runs ${runs} -- ${chosen.join(' ')}\`

- ${startedAt.toISOString().slice(0, 10)}, ${cpus().length} cores, kernel ${release()}, Node ${process.version}
- ${reports.length} runs, ${drills.length} scenarios: ${passed} passed, ${drills.length - passed} did not pass
- a run took ${times[0]?.toFixed(0)} to ${times.at(-1)?.toFixed(0)} s, with a median of ${times[times.length >> 1]?.toFixed(0)} s

${problems.length === 0 ? 'All scenarios passed.' : `Scenarios that did not pass:\n\n${problems.join('\n')}`}
`
}
