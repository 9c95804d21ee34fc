import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError, MachineError } from '../errors.ts'
import { JournalFile, readJournal, writingFailed } from './journal-file.ts'
import { scoped } from './journal-memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-journal-'))
after(() => rmSync(folder, { recursive: true }))
const module = join(import.meta.dirname, 'journal-file.ts')

describe('a journal in a file', () => {
  it('is on disk when append returns, and reads back the same', () => {
    const path = join(folder, 'a.ndjson')
    using journal = new JournalFile(path)
    journal.append({ kind: 'note', text: 'line\nbreak and \u2028' })
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 2)
    journal.append({ kind: 'note', text: 'two' })
    assert.deepEqual(readJournal(path), { entries: journal.entries(), torn: false })
    assert.deepEqual(
      journal.entries().map(({ seq }) => seq),
      [1, 2],
    )
  })

  it('shows a drill only its own entries', () => {
    using journal = new JournalFile(join(folder, 'b.ndjson'))
    const first = scoped(journal, 'd1')
    const second = scoped(journal, 'd2')
    first.append({ kind: 'note', text: 'one' })
    second.append({ kind: 'note', text: 'two' })
    journal.append({ kind: 'note', text: 'neither' })
    assert.deepEqual(
      second.entries().map((entry) => [entry.drill, entry.kind === 'note' && entry.text]),
      [['d2', 'two']],
    )
    assert.equal(journal.entries().length, 3)
    assert.equal(scoped(journal, 'd3').entries().length, 0)
  })

  it('is readable up to the last whole line, and says that the last one is torn', () => {
    const path = join(folder, 'torn.ndjson')
    {
      using journal = new JournalFile(path)
      journal.append({ kind: 'note', text: 'whole' })
    }
    appendFileSync(path, '{"seq":2,"at":"2026-')
    const { entries, torn } = readJournal(path)
    assert.equal(torn, true)
    assert.equal(entries.length, 1)
  })

  it('names a line that is damaged in the middle, a gap, and a journal that is not there', () => {
    const path = join(folder, 'damaged.ndjson')
    writeFileSync(path, '{"seq":1,"at":"x","kind":"note","text":"a"}\nrubbish\n{"seq":3}\n')
    assert.throws(() => readJournal(path), /damaged\.ndjson:2 is not a line of a journal/)
    writeFileSync(path, '{"seq":1,"at":"x","kind":"note","text":"a"}\n{"seq":3,"at":"x","kind":"note","text":"a"}\n')
    assert.throws(() => readJournal(path), /damaged\.ndjson:2 is not entry 2 of a journal/)
    assert.throws(() => readJournal(join(folder, 'none')), InputError)
  })

  it('refuses a place that cannot be written, and never overwrites a journal', () => {
    const path = join(folder, 'there')
    writeFileSync(path, 'precious')
    assert.throws(() => new JournalFile(path), InputError)
    assert.throws(() => new JournalFile(join(path, 'journal.ndjson')), InputError)
    assert.equal(readFileSync(path, 'utf8'), 'precious')
  })

  it('says once that no more can be written, and goes on in memory', () => {
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

  it('tells a full disk from a wrong place', () => {
    const full = writingFailed('/r', Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
    assert.ok(full instanceof MachineError)
    assert.match(full.message, /cannot write \/r: the disk is full/)
    assert.equal(writingFailed('/r', Object.assign(new Error('read-only'), { code: 'EROFS' })).blame, 'input')
  })

  it('of a process that is killed keeps all that was appended', async () => {
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
