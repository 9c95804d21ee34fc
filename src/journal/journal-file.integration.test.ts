import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJournal } from './journal-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-journal-'))
after(() => rmSync(folder, { recursive: true }))
const module = join(import.meta.dirname, 'journal-file.ts')

describe('a journal in a file', () => {
  it('reports once that it cannot be written, and continues in memory', () => {
    const path = join(folder, 'limited.ndjson')
    const source = `
      import { JournalFile } from ${JSON.stringify(module)}
      const broken = []
      const journal = new JournalFile(${JSON.stringify(path)}, { onBroken: (error) => broken.push(error.code) })
      for (const text of ['fits', 'x'.repeat(5000), 'fits again']) journal.append({ kind: 'note', text })
      console.log(JSON.stringify({ kept: journal.entries().length, broken }))`
    // The kernel refuses to let a file grow beyond the limit, as it does on a full disk.
    const limited = `trap '' XFSZ; ulimit -f 2; exec "$@"`
    const argv = ['-c', limited, 'sh', process.execPath, '--input-type=module-typescript', '-e', source]
    const { stdout, stderr } = spawnSync('sh', argv, { encoding: 'utf8' })
    assert.deepEqual(JSON.parse(stdout || `"${stderr}"`), { kept: 3, broken: ['reports-unwritable'] })
    assert.equal(readJournal(path).entries.length, 1)
    assert.equal(readJournal(path).torn, true)
  })

  it('keeps everything that a killed process had appended', async () => {
    const path = join(folder, 'killed.ndjson')
    const source = `
      import { JournalFile } from ${JSON.stringify(module)}
      const journal = new JournalFile(${JSON.stringify(path)})
      for (;;) journal.append({ kind: 'note', text: 'x'.repeat(5000) })`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], { stdio: 'inherit' })
    while (!existsSync(path) || statSync(path).size < 200_000) await sleep(10)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('close', resolve))
    assert.ok(readJournal(path).entries.length >= 39)
  })
})
