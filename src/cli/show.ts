import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { readJournal } from '../journal/journal-file.ts'
import { hasDisplay, openInBrowser } from '../localhost/open-in-browser.ts'
import { configName } from '../project/config-name.ts'
import { readConfig } from '../project/project.ts'
import { reportFormats } from '../report/index.ts'
import { writeReports } from '../report/write-reports.ts'
import { findRun } from '../run/find-run.ts'

interface Flags {
  readonly print?: true
  readonly config?: string
}

const pageName = 'index.html'

/** `show`: opens the page of a run. */
export function showCommand(): Command {
  return new Command('show')
    .argument('[run]', 'id, folder or journal of a run (default: the last run)')
    .option('--print', 'only print the path of the page')
    .option('--config <file>', `configuration file, for the folder of reports (default: ${configName})`)
    .addHelpText(
      'after',
      `
Prints the path of the page, and opens it in a browser if standard output is a
terminal and there is a desktop. Makes the page from the journal if it is
missing.

Examples:
  $ dr-drill show                          the last run
  $ dr-drill show 20261101t120000-3fa2     a run by its id
  $ scp "$(dr-drill show --print)" desk:   copy the page

Exit codes: 0 success, 2 wrong input, 3 the page could not be written or opened.`,
    )
    .action(async (text: string | undefined, { print, config }: Flags) => {
      const run = findRun(text, resolve(readConfig(process.cwd(), config).reports))
      const path = resolve(run.folder, pageName)
      const writer = reportFormats[pageName]
      if (!existsSync(path) && writer !== undefined) {
        const [error] = await writeReports(run.folder, readJournal(run.journal).entries, { [pageName]: writer })
        if (error !== undefined) throw error
      }
      process.stdout.write(`${path}\n`)
      if (print === true || !process.stdout.isTTY) return
      if (!hasDisplay(process.env)) {
        process.stderr.write('There is no desktop here. Open the file in a browser of another machine.\n')
        return
      }
      const problem = await openInBrowser(path)
      if (problem === undefined) return
      process.stderr.write(`${problem}\nOpen the file in a browser yourself.\n`)
      process.exitCode = 3
    })
}
