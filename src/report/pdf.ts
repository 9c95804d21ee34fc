import { execFile } from 'node:child_process'
import { accessSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { MachineError } from '../errors.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { writingFailed } from '../journal/journal-file.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { findProgram } from '../localhost/programs.ts'
import { completeMark } from './page/complete-mark.ts'
import { page } from './page/page.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chrome']
const deadlineMs = 300_000

/**
 * Writes the whole report of a run as a PDF: Chromium prints the page.
 * @throws MachineError if no Chromium is on PATH, or if it does not print the whole report
 */
export async function writePdf(path: string, entries: readonly JournalEntry[]): Promise<void> {
  const browser = findProgram(names)
  if (browser === undefined)
    throw new MachineError('no-browser', `report.pdf was not made: PATH has none of ${names.join(', ')}`, {
      remedy: 'Install Chromium, e.g. apt-get install chromium, or open index.html and print it.',
    })
  await using folder = await LeasedFolder.temporary('dr-drill-pdf-')
  const [html, printed] = [join(folder.path, 'index.html'), join(folder.path, 'report.pdf')]
  writeFileSync(html, (await Array.fromAsync(page(entries))).join(''))
  await print(browser, html, printed, folder.path)
  const pdf = readFileSync(printed)
  if (!isWhole(pdf))
    throw new MachineError('report-cut', `${browser} printed a part of the report only`, {
      remedy: 'Try again when the machine is less busy, or open index.html and print it.',
    })
  try {
    writeFileSync(path, pdf)
  } catch (error) {
    throw writingFailed(path, error)
  }
}

async function print(browser: string, html: string, pdf: string, folder: string): Promise<void> {
  const args = [
    ...[
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-extensions',
      `--user-data-dir=${join(folder, 'profile')}`,
    ],
    // Chromium's sandbox does not work for root. The page loads nothing.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    // Time of the page, which passes only while it waits.
    '--virtual-time-budget=60000',
    ...['--no-pdf-header-footer', '--generate-pdf-document-outline', `--print-to-pdf=${pdf}`],
    `${pathToFileURL(html).href}#all`,
  ]
  try {
    await promisify(execFile)(browser, args, { timeout: deadlineMs, killSignal: 'SIGKILL' })
    accessSync(pdf)
  } catch (error) {
    throw new MachineError('browser-failed', `${browser} cannot print the report: ${lastLine(error)}`, { cause: error })
  }
}

/** True for a PDF whose title shows that the page had read every drill when it was printed. */
function isWhole(pdf: Buffer): boolean {
  const text = pdf.toString('latin1')
  const inUtf16 = Buffer.from(completeMark, 'utf16le').swap16().toString('hex').toUpperCase()
  return text.includes(`${inUtf16}>`) || text.includes(`${completeMark})`)
}

function lastLine(error: unknown): string {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string }
  return stderr.trimEnd().split('\n').at(-1) || message
}
