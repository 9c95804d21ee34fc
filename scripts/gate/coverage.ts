import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench } from './part.ts'

const goalPercent = 90

/** What of src was run by everything together, child processes included: said in two lines, in detail in coverage/. */
export async function reportCoverage({ shell, root, signal, coverageFolder, say }: Bench): Promise<void> {
  if ((await readdir(coverageFolder)).length === 0) return
  const c8 = join(root, 'node_modules/.bin/c8')
  const report = await shell.try([c8, 'report', '--temp-directory', coverageFolder], {
    cwd: root,
    signal,
    deadlineMs: 600_000,
  })
  const [, percent] = /^Lines\s*:\s*([\d.]+)%/m.exec(report.stdout) ?? []
  if (percent === undefined) say(`coverage could not be computed\n${report.stderr.trimEnd()}`)
  else
    say(
      `coverage             ${percent} % of the lines of src (goal: ${goalPercent} %); coverage/lcov.info has the details`,
    )
}
