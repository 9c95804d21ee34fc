// Writes the page of a journal, and prints its time and the memory of this process. Each measurement needs a new process.
import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { readJournal } from '../src/journal/journal-file.ts'
import { page } from '../src/report/page/page.ts'

const [, , journal = '', out = ''] = process.argv
const { entries } = readJournal(journal)
const startedMs = performance.now()
await writeFile(out, page(entries))
const ms = performance.now() - startedMs
const memoryMib = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify({ ms, memoryMib, fileMib: statSync(out).size / 2 ** 20 }))
