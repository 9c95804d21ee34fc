import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import type { JournalEntry } from '../journal/journal.ts'
import { readJournal } from '../journal/journal-file.ts'
import { type FeatureName, features, steps } from './run-project.fixture.ts'

// Real Cucumber on small projects without labs. Each run is a process of its own, as it is for users. The projects lie in
// the checkout, because their steps import Cucumber.
const root = join(import.meta.dirname, '../..')
mkdirSync(join(root, 'reports'), { recursive: true })
const scratch = mkdtempSync(join(root, 'reports', '.test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** A program with `run` as its only command. Its hooks replace labs; `LEAK` and `NO_ENGINE` make them fail. */
export const main = join(scratch, 'main.ts')
writeFileSync(
  main,
  `import { appendFileSync } from 'node:fs'
   import { runCommand } from ${JSON.stringify(join(root, 'src/cli/run.ts'))}
   import { about } from ${JSON.stringify(join(root, 'src/verdict/question.ts'))}
   import { nothingLeft } from ${JSON.stringify(join(root, 'src/verdict/observation/nothing-left.ts'))}
   const kinds = { containers: [], networks: [], volumes: [], namespaces: [], processes: [], mounts: [], folders: [] }
   const left = { ...kinds, volumes: process.env.LEAK ? [process.env.LEAK] : [] }
   const hooks = {
     before: async (run) => { if (process.env.NO_ENGINE) throw new Error('no engine') },
     after: async (run) => {
       run.journal.append({ kind: 'observation', subject: 'left behind', where: 'localhost', facts: left })
       return about(nothingLeft, {})(run.journal.entries())
     },
   }
   await runCommand({ labs: () => hooks }).parseAsync(process.argv.slice(2), { from: 'user' })`,
)

let projects = 0

/** Creates a project with these features, and returns its folder. */
export function project(...names: readonly FeatureName[]): string {
  const folder = join(scratch, `p${++projects}`)
  mkdirSync(join(folder, 'features'), { recursive: true })
  mkdirSync(join(folder, 'steps'))
  // The published steps have some of the same wordings.
  writeFileSync(join(folder, 'dr-drill.config.yaml'), 'steps: [steps]\nparallel: 1\n')
  writeFileSync(join(folder, 'steps', 'steps.ts'), steps(root))
  for (const name of names)
    writeFileSync(join(folder, 'features', `${name}.feature`), `Feature: It ${name}\n${features[name]}\n`)
  return folder
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly folder: string
}

/** Runs a project to its end. */
export function run(folder: string, args: readonly string[] = [], env: Record<string, string> = {}): Ended {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
  return { code: status, stdout, stderr, folder }
}

/** Reads the journal of the project's only run. */
export function journalOf({ folder }: { readonly folder: string }): readonly JournalEntry[] {
  const id = readdirSync(join(folder, 'reports')).find((name) => /^\d/.test(name)) ?? assert.fail('no report')
  return readJournal(join(folder, 'reports', id, 'journal.ndjson')).entries
}

/** Reads a report of the project's last run. */
export const report = ({ folder }: Ended, file: string): string =>
  readFileSync(join(folder, 'reports', 'latest', file), 'utf8')
