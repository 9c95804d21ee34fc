import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PartContext } from './part.ts'

const goalPercent = 90

/** Prints how much of `src` all parts ran together, child processes included, and writes the details to `coverage/`. */
export async function reportCoverage({ shell, root, signal, coverageFolder, print }: PartContext): Promise<void> {
  if ((await readdir(coverageFolder)).length === 0) return
  const c8 = join(root, 'node_modules/.bin/c8')
  const report = await shell.try([c8, 'report', '--temp-directory', coverageFolder], {
    cwd: root,
    signal,
    deadlineMs: 600_000,
  })
  const [, percent] = /^Lines\s*:\s*([\d.]+)%/m.exec(report.stdout) ?? []
  if (percent === undefined) print(`c8 cannot compute the coverage:\n${report.stderr.trimEnd()}`)
  else print(`coverage             ${percent} % of lines in src (goal: ${goalPercent} %). Details: coverage/lcov.info`)
}
