import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { withRemedy } from '../errors.ts'
import { readJournal, writingFailed } from '../journal/journal-file.ts'
import { readConfig } from '../project/project.ts'
import { cutText } from '../report/cut-journal.ts'
import { reportFormats } from '../report/index.ts'
import { writePdf } from '../report/pdf.ts'
import { writeReports } from '../report/write-reports.ts'
import { findRun } from '../run/find-run.ts'

interface Flags {
  readonly format?: readonly string[]
  readonly output?: string
  readonly config?: string
}

/** Made by a browser, and only if it is asked for. */
const pdf = 'pdf'
const written = Object.keys(reportFormats)
const formats = [...written, pdf]

/** `report`: makes the reports of a run again, from its journal alone. */
export function reportCommand(): Command {
  return new Command('report')
    .argument('[run]', 'id, folder or journal of a run (default: the last run)')
    .addOption(
      new Option(
        '-f, --format <name>',
        `report to make, repeatable: ${formats.join(', ')} (default: all but pdf)`,
      ).argParser(addFormat),
    )
    .option('-o, --output <dir>', 'folder for the reports (default: the folder of the journal)')
    .option('--config <file>', 'configuration file, for the folder of reports')
    .addHelpText(
      'after',
      `
A journal is enough: of a run that was killed, of another machine, or of an
older version. If its last line is incomplete, the reports hold all that
precedes it. --format pdf prints the page with Chromium, which must be on PATH.

Examples:
  $ dr-drill report                                  the last run
  $ dr-drill report 20261101t120000-3fa2             a run by its id
  $ dr-drill report journal.ndjson -f junit.xml -o .
  $ dr-drill report --format pdf

Exit codes: 0 success, 2 wrong input, 3 a report could not be written, or there
is no Chromium.`,
    )
    .action(async (text: string | undefined, { format = written, output, config }: Flags) => {
      const reports = resolve(readConfig(process.cwd(), config).reports)
      const run = findRun(text, reports)
      const { entries, torn } = readJournal(run.journal)
      const cut = cutText(entries, torn)
      if (cut !== undefined) process.stderr.write(`${run.journal}: ${cut}\n`)
      const folder = output ?? run.folder
      try {
        mkdirSync(folder, { recursive: true })
      } catch (error) {
        throw writingFailed(folder, error)
      }
      const chosen = Object.fromEntries(Object.entries(reportFormats).filter(([name]) => format.includes(name)))
      const errors = await writeReports(folder, entries, chosen)
      for (const name of Object.keys(chosen))
        if (!errors.some(({ message }) => message.includes(name))) process.stdout.write(`${join(folder, name)}\n`)
      if (format.includes(pdf)) {
        const path = join(folder, 'report.pdf')
        await writePdf(path, entries)
        process.stdout.write(`${path}\n`)
      }
      for (const error of errors) process.stderr.write(`${withRemedy(error)}\n`)
      if (errors.length > 0) process.exitCode = 3
    })
}

function addFormat(name: string, before: readonly string[] = []): readonly string[] {
  if (formats.includes(name)) return [...before, name]
  throw new InvalidArgumentError(`It must be one of ${formats.join(', ')}.`)
}
