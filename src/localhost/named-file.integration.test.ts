import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { linesOfNamedFile, readNamedFile } from './named-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-named-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string) => join(folder, name)
const isRoot = process.getuid?.() === 0

async function linesOf(path: string, maxBytes?: number): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of linesOfNamedFile({ what: 'the list', path, ...(maxBytes !== undefined && { maxBytes }) }))
    lines.push(line)
  return lines
}

/** Makes what cannot be read, and returns its path. */
const unreadable: readonly (readonly [what: string, make: (path: string) => string | undefined, why: RegExp])[] = [
  ['that does not exist', () => undefined, /: ENOENT: no such file or directory$/],
  ['below a file', () => '/etc/passwd/x', /: ENOTDIR: not a directory$/],
  ['that is a folder', (path) => void mkdirSync(path), /: EISDIR: it is a directory$/],
  ['that links to itself', (path) => void symlinkSync(path, path), /: ELOOP: too many symbolic links encountered$/],
  ['that is a pipe without a writer', (path) => void execFileSync('mkfifo', [path]), /: it is not a regular file$/],
  ['that is a device', () => '/dev/zero', /: it is not a regular file$/],
  ['with an error of the disk', () => '/proc/self/mem', /: EIO: i\/o error$/],
  ['that is binary', (path) => void writeFileSync(path, 'a\0b'), /: it is a binary file$/],
  ['in another encoding', (path) => void writeFileSync(path, Buffer.from([0x63, 0xe9])), /: it is not text in UTF-8$/],
]

describe('a file that a person named', () => {
  for (const [nth, [what, make, why]] of unreadable.entries())
    it(`${what} is wrong input, with its name and the reason`, async () => {
      const path = make(file(`bad-${nth}`)) ?? file(`bad-${nth}`)
      const isRefused = (error: unknown) => {
        assert.ok(error instanceof InputError)
        assert.ok(error.message.startsWith(`cannot read the list ${path}: `), error.message)
        assert.match(error.message, why)
        return true
      }
      assert.throws(() => readNamedFile({ what: 'the list', path }), isRefused)
      await assert.rejects(linesOf(path), isRefused)
    })

  it('that is too long is not read', async () => {
    writeFileSync(file('long'), '')
    truncateSync(file('long'), 2 ** 31)
    const read = (maxBytes?: number) =>
      readNamedFile({ what: 'the list', path: file('long'), ...(maxBytes && { maxBytes }) })
    assert.throws(() => read(), /it has 2\.0 GiB, more than 32\.0 MiB$/)
    writeFileSync(file('line'), 'a'.repeat(2 ** 20 + 1))
    await assert.rejects(linesOf(file('line'), 2 ** 20), /line: a line is longer than 1\.0 MiB$/)
    writeFileSync(file('lines'), 'abc\nabcd\nabc')
    assert.deepEqual(await linesOf(file('lines'), 4), ['abc', 'abcd', 'abc'])
    // A file of the kernel has no length.
    assert.throws(
      () => readNamedFile({ what: 'it', path: '/proc/self/maps', maxBytes: 100 }),
      /it has more than 100 B$/,
    )
  })

  it('that is a socket is wrong input', async () => {
    const server = createServer().listen(file('socket'))
    try {
      assert.throws(() => readNamedFile({ what: 'the list', path: file('socket') }), InputError)
    } finally {
      server.close()
    }
  })

  it('without the right to read it is wrong input', { skip: !isRoot && 'not run: needs root' }, () => {
    writeFileSync(file('secret'), 'x', { mode: 0o600 })
    process.seteuid?.(65534)
    try {
      assert.throws(() => readNamedFile({ what: 'the list', path: file('secret') }), /: EACCES: permission denied$/)
    } finally {
      process.seteuid?.(0)
    }
  })

  it('is read without its byte order mark, and line by line as a whole', async () => {
    const text = `\ufeff${'caf\u00e9 '.repeat(20_000)}\r\n\nlast`
    writeFileSync(file('text'), text)
    assert.equal(readNamedFile({ what: 'the list', path: file('text') }), text.slice(1))
    assert.deepEqual(await linesOf(file('text')), text.slice(1).split(/\r?\n/))
    writeFileSync(file('empty'), '')
    assert.deepEqual([readNamedFile({ what: 'it', path: file('empty') }), await linesOf(file('empty'))], ['', []])
  })

  it('may be a pipe that the shell has opened', () => {
    const module = JSON.stringify(join(import.meta.dirname, 'named-file.ts'))
    const program = `
      const { linesOfNamedFile, readNamedFile } = await import(${module})
      const [first, second] = process.argv.slice(1)
      console.log(JSON.stringify(readNamedFile({ what: 'it', path: first })))
      for await (const line of linesOfNamedFile({ what: 'it', path: second })) console.log(line)`
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        'printf "two\\nthree" | "$0" --input-type=module -e "$1" <(sleep 0.1; echo one) /dev/stdin',
        process.execPath,
        program,
      ],
      { encoding: 'utf8' },
    )
    assert.deepEqual([stdout, stderr], ['"one\\n"\ntwo\nthree\n', ''])
  })
})
