import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError, MachineError } from '../errors.ts'
import { JournalFile, readJournal, writingFailed } from './journal-file.ts'
import { scoped } from './journal-memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-journal-'))
after(() => rmSync(folder, { recursive: true }))

describe('a journal in a file', () => {
  it('is on disk when append returns, and reads back unchanged', () => {
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

  it('shows each drill only its own entries', () => {
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

  it('is readable up to the last complete line, and reports an incomplete one', () => {
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

  it('is refused with the line that is damaged or missing, or if it does not exist', () => {
    const path = join(folder, 'damaged.ndjson')
    writeFileSync(path, '{"seq":1,"at":"x","kind":"note","text":"a"}\nrubbish\n{"seq":3}\n')
    assert.throws(() => readJournal(path), /damaged\.ndjson:2 is not a line of a journal/)
    writeFileSync(path, '{"seq":1,"at":"x","kind":"note","text":"a"}\n{"seq":3,"at":"x","kind":"note","text":"a"}\n')
    assert.throws(() => readJournal(path), /damaged\.ndjson:2 is not entry 2 of a journal/)
    assert.throws(() => readJournal(join(folder, 'none')), InputError)
    writeFileSync(path, '{"seq":1,"at":"x","kind":"note","text":5}\n')
    assert.throws(() => readJournal(path), /damaged\.ndjson:1 is not an entry of a journal: text: expected string/)
  })

  it('is refused if a newer version wrote it in another format', () => {
    const path = join(folder, 'newer.ndjson')
    writeFileSync(path, '{"seq":1,"at":"x","kind":"run-started","run":"r","version":"9.0.0","argv":[],"format":2}\n')
    assert.throws(
      () => readJournal(path),
      /dr-drill 9\.0\.0 wrote this journal in format 2, and this version reads format 1/,
    )
  })

  it('is refused where it cannot be written, and never overwrites a file', () => {
    const path = join(folder, 'there')
    writeFileSync(path, 'precious')
    assert.throws(() => new JournalFile(path), InputError)
    assert.throws(() => new JournalFile(join(path, 'journal.ndjson')), InputError)
    assert.equal(readFileSync(path, 'utf8'), 'precious')
  })

  it('blames the machine for a full disk, and the input for a wrong folder', () => {
    const full = writingFailed('/r', Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
    assert.ok(full instanceof MachineError)
    assert.match(full.message, /cannot write \/r: the disk is full/)
    assert.equal(writingFailed('/r', Object.assign(new Error('read-only'), { code: 'EROFS' })).blame, 'input')
  })
})
