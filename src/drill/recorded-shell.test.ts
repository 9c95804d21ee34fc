import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryJournal } from '../journal/journal-memory.ts'
import type { CommandResult, Shell } from '../shell/shell.ts'
import { CommandError, ShellError } from '../shell/shell.ts'
import { recordedShell, tail } from './recorded-shell.ts'

const result: CommandResult = {
  where: 'recovery/compute-1',
  command: 'qemu-img info x',
  user: { uid: 42436, gid: 42436 },
  ended: 'exited',
  exitCode: 1,
  signal: null,
  stdout: '',
  stderr: 'No such file',
  durationMs: 7,
}

function answering(act: () => CommandResult): Shell {
  return { where: result.where, run: async () => act(), try: async () => act() }
}

describe('a recorded shell', () => {
  it('records a command and returns its result unchanged', async () => {
    const journal = new MemoryJournal()
    assert.equal(
      await recordedShell(
        answering(() => result),
        journal,
      ).try(['qemu-img']),
      result,
    )
    const { at, seq, ...entry } = journal.entries()[0] ?? assert.fail()
    const { signal, ...recorded } = result
    assert.deepEqual(entry, { kind: 'command', ...recorded })
  })

  it('records a command that fails, and throws the same error', async () => {
    const journal = new MemoryJournal()
    const error = new CommandError(result)
    const shell = recordedShell(
      answering(() => {
        throw error
      }),
      journal,
    )
    await assert.rejects(shell.run(['qemu-img']), (thrown) => thrown === error)
    assert.equal(journal.entries().length, 1)
    assert.partialDeepStrictEqual(journal.entries()[0], { kind: 'command', exitCode: 1, stderr: 'No such file' })
  })

  it('records an attempt on a shell that is lost, and an aborted one', async () => {
    const journal = new MemoryJournal()
    const shell = recordedShell(
      answering(() => {
        throw new ShellError('recovery/compute-1', 'connection lost')
      }),
      journal,
    )
    await assert.rejects(shell.run(['mount', '-a']), ShellError)
    await assert.rejects(shell.run({ script: 'sync' }, { signal: AbortSignal.abort() }))
    assert.partialDeepStrictEqual(journal.entries(), [
      { kind: 'command', command: 'mount -a', ended: 'lost', exitCode: null },
      { kind: 'command', command: 'sync', ended: 'aborted' },
    ])
  })

  it('keeps the end of long output', async () => {
    const journal = new MemoryJournal()
    const long = { ...result, stdout: `${'x'.repeat(40_000)}the end` }
    await recordedShell(
      answering(() => long),
      journal,
    ).try(['cat'])
    const [entry] = journal.entries()
    assert.ok(entry?.kind === 'command' && entry.stdout.endsWith('xthe end') && entry.stdout.length < 16_500)
    assert.match(entry.stdout, /^\[23623 bytes left out\]\n/)
  })
})

describe('tail', () => {
  it('never splits a character', () => {
    assert.equal(tail('aéé', 3), '[3 bytes left out]\né')
    assert.equal(tail('aéé', 5), 'aéé')
  })
})
