import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CommandMarks, type MarkedPiece } from './command-marks.ts'
import { SessionCommands, type TypedCommand } from './participant-session.ts'
import { TerminalRecording } from './terminal-recording.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-recording-'))
after(() => rmSync(folder, { recursive: true }))

describe('the marks of a shell', () => {
  const text = 'prompt$ \x1b]633;E;   12  mount --bind "a;b" c\x07out\x1b[0mput\x1b]633;D;32\x07prompt$ '
  const joined = (pieces: readonly MarkedPiece[]) => ({
    output: Buffer.concat(pieces.flatMap((one) => ('output' in one ? [one.output] : []))).toString(),
    marks: pieces.flatMap((one) => ('mark' in one ? [one.mark] : [])),
  })

  it('are removed from the output, however it is cut', () => {
    for (let size = 1; size <= text.length; size++) {
      const marks = new CommandMarks()
      const pieces: MarkedPiece[] = []
      for (let at = 0; at < text.length; at += size) pieces.push(...marks.push(Buffer.from(text.slice(at, at + size))))
      const found = joined([...pieces, { output: marks.end() }])
      assert.equal(found.output, 'prompt$ out\x1b[0mputprompt$ ', `pieces of ${size}`)
      assert.deepEqual(found.marks, [
        { kind: 'begun', command: 'mount --bind "a;b" c' },
        { kind: 'ended', exitCode: 32 },
      ])
    }
  })

  it('are output if they are not ours, or have no end', () => {
    const marks = new CommandMarks()
    const strange = `\x1b]633;Z;x\x07 and \x1b]633;${'y'.repeat(20_000)}`
    const found = joined(marks.push(Buffer.from(strange)))
    assert.equal(found.output + marks.end().toString(), strange)
    assert.deepEqual(found.marks, [])
  })

  it('keep a beginning of a mark back only until it is decided', () => {
    const marks = new CommandMarks()
    assert.equal(joined(marks.push(Buffer.from('a\x1b]63'))).output, 'a')
    assert.equal(joined(marks.push(Buffer.from('4;x'))).output, '\x1b]634;x')
  })
})

describe('the commands of a session', () => {
  const listen = (only?: string) => {
    const ended: TypedCommand[] = []
    const begun: string[] = []
    const events = {
      onCommand: (command: string) => void begun.push(command),
      onCommandEnd: (one: TypedCommand) => void ended.push(one),
    }
    return { begun, ended, commands: new SessionCommands(events, only) }
  }

  it('have the end of their own output, without control sequences', () => {
    const { commands, ended } = listen()
    commands.output(Buffer.from('prompt'))
    commands.take({ kind: 'begun', command: 'ls' })
    commands.output(Buffer.from(`${'x'.repeat(100_000)}\r\n\x1b[31mlast\x1b[0m\r\n`))
    commands.take({ kind: 'ended', exitCode: 0 })
    const [first] = ended
    assert.ok(first?.output.endsWith('x\nlast') && first.output.length <= 4096, first?.output.slice(-20))
    assert.equal(first?.exitCode, 0)
  })

  it('end without a code if another one begins first, as in a shell of root', () => {
    const { commands, ended, begun } = listen()
    commands.take({ kind: 'begun', command: 'sudo -i' })
    commands.take({ kind: 'begun', command: 'id' })
    commands.take({ kind: 'ended', exitCode: 1 })
    commands.take({ kind: 'ended', exitCode: 1 })
    assert.deepEqual(begun, ['sudo -i', 'id'])
    assert.deepEqual(
      ended.map(({ command, exitCode }) => [command, exitCode]),
      [
        ['sudo -i', null],
        ['id', 1],
      ],
    )
  })

  it('of a session without a terminal are one, with what was piped into it', () => {
    const { commands, ended } = listen('sudo sh')
    commands.input(Buffer.from('mount -a\n'))
    commands.end(5, false)
    assert.deepEqual(ended, [{ command: 'sudo sh', input: 'mount -a\n', output: '', exitCode: 5 }])
  })
})

describe('a recording', () => {
  let count = 0
  const record = (maxBytes = 10_000) => {
    const path = join(folder, `${count++}.cast`)
    const losses: string[] = []
    let nowMs = 0
    const recording = new TerminalRecording(path, {
      ...{ title: 'ann on a/b', columns: 100, rows: 30, maxBytes, nowMs: () => (nowMs += 500) },
      onLoss: (why) => losses.push(why),
    })
    const lines = () =>
      readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    return { recording, losses, lines, path }
  }

  it('has a header and each direction with its time, readable after every write', () => {
    const { recording, lines } = record()
    recording.output(Buffer.from('$ \x1b[1m'))
    recording.input(Buffer.from('l'))
    recording.resize(80, 24)
    const [header, ...events] = lines()
    assert.deepEqual([header.version, header.width, header.height, header.title], [2, 100, 30, 'ann on a/b'])
    assert.deepEqual(events, [
      [0.5, 'o', '$ \x1b[1m'],
      [1, 'i', 'l'],
      [1.5, 'r', '80x24'],
    ])
    recording[Symbol.dispose]()
  })

  it('keeps a character whole that arrives in two pieces', () => {
    const { recording, lines } = record()
    const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)]
    recording.output(first)
    recording.output(second)
    recording[Symbol.dispose]()
    assert.deepEqual(
      lines().map((one) => one[2]),
      [undefined, 'ü'],
    )
  })

  it('replaces known forms of secrets', () => {
    const { recording, path } = record()
    recording.output(Buffer.from('OS_PASSWORD=planted-secret\r\n'))
    recording[Symbol.dispose]()
    assert.doesNotMatch(readFileSync(path, 'utf8'), /planted-secret/)
  })

  it('has the digest of its file, once it is complete', () => {
    const { recording, path } = record()
    recording.output(Buffer.from('$ \x1b[1mü'))
    assert.equal(recording.digest, undefined)
    recording[Symbol.dispose]()
    assert.equal(recording.digest, createHash('sha256').update(readFileSync(path)).digest('hex'))
  })

  it('ends at its limit, and reports that once', () => {
    const { recording, losses, lines } = record(400)
    for (let nth = 0; nth < 20; nth++) recording.output(Buffer.from('x'.repeat(50)))
    recording[Symbol.dispose]()
    assert.deepEqual(losses, ['it is longer than 400 bytes: only its beginning is recorded'])
    assert.ok(lines().length > 2)
    assert.equal(recording.digest, undefined)
  })

  it('reports that its file was removed', () => {
    const { recording, losses, path } = record()
    rmSync(path)
    recording[Symbol.dispose]()
    assert.deepEqual(losses, ['its file was removed while it was written'])
  })

  it('is never written over another one', () => {
    const { path } = record()
    assert.throws(() => new TerminalRecording(path, { title: '', columns: 1, rows: 1, onLoss: () => {} }), {
      code: 'EEXIST',
    })
  })
})
