import { resolve } from 'node:path'
import { Command } from 'commander'
import { readJournal } from '../journal/journal-file.ts'
import { configName } from '../project/config-name.ts'
import { openProject } from '../project/project.ts'
import { cutText } from '../report/cut-journal.ts'
import { judgedAgainLines } from '../report/judged-again-text.ts'
import { findRun } from '../run/find-run.ts'
import { closing, styleOf } from '../text/style.ts'
import { selectionOf } from './run-settings.ts'

interface Flags {
  readonly json?: true
  readonly config?: string
}

/** `judge`: judges an old journal with the judges of this version. */
export function judgeCommand(): Command {
  return new Command('judge')
    .argument('[run]', 'id, folder or journal of a run (default: the last run)')
    .option('--json', 'print one JSON object')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText(
      'after',
      `
Judges every recorded claim again, by what the journal holds, and lists the
verdicts that have changed. The steps of the project are loaded for the claims
that they define. Nothing is written, and no lab is started.

Examples:
  $ dr-drill judge                            the last run
  $ dr-drill judge 20251101t120000-3fa2       a run by its id
  $ dr-drill judge old/journal.ndjson --json

Exit codes: 0 every verdict is the same, 1 a verdict has changed, 2 wrong input,
3 a claim could not be judged again, or the journal is cut. 1 wins over 3.`,
    )
    .action(async (text: string | undefined, flags: Flags) => {
      const project = openProject(process.cwd(), flags.config)
      const run = findRun(text, resolve(project.config.reports))
      const { entries, torn } = readJournal(run.journal)
      // Every other command would wait for Cucumber to load.
      const { judgeRun } = await import('../run/judge-run.ts')
      const { drills, claims, changed, unknown } = await judgeRun(entries, selectionOf(project, [], {}))
      const cut = cutText(entries, torn)
      process.exitCode = changed > 0 ? 1 : unknown > 0 || cut !== undefined || claims === 0 ? 3 : 0
      if (flags.json === true) {
        process.stdout.write(
          `${JSON.stringify({ journal: run.journal, ...(cut && { cut }), changed, unknown, drills })}\n`,
        )
        return
      }
      if (cut !== undefined) process.stderr.write(`${run.journal}: ${cut}\n`)
      const style = styleOf(process.stdout)
      const verdict = { 0: 'passed', 1: 'failed', 3: 'unknown' } as const
      const counts = `${claims} claims judged again, ${changed} changed, ${unknown} not known to this version.`
      const lines = [...judgedAgainLines(drills), ...closing(style, verdict[process.exitCode as 0 | 1 | 3], counts)]
      process.stdout.write(`${lines.join('\n')}\n`)
    })
}
