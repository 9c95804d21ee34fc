import assert from 'node:assert/strict'
import { DrillError } from './errors.ts'
import { randomNumbers } from './image/mutation.fixture.ts'

/** Texts that readers trip over: structure, escapes, numbers at a limit, broken characters, and deep nesting. */
const tokens = [
  ...['{', '}', '[', ']', '"', "'", '\\', ',', ':', '\n', '\r', '\t', ' ', '\0', '#', '%', '*x', '&x ', '!!', '- '],
  ...['null', 'true', '-0', '1e999', '9007199254740993', '-1', '\\u0000', '\\ud800', '\\040', '\\777', '/', '..', '//'],
  ...['__proto__', 'constructor', 'toString', '"__proto__":{"a":1},', '\ufeff', '\u2028', '\u202e', '😀', 'json:{'],
  ...[
    '['.repeat(20_000),
    '{"a":'.repeat(20_000),
    '('.repeat(300),
    'a'.repeat(70_000),
    '\\'.repeat(3000),
    '\n'.repeat(3000),
    `"x":${'['.repeat(20_000)}${']'.repeat(20_000)},`,
    `"x":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)},`,
    `x: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
    `x: &x [${'*x,'.repeat(50)}]\n`,
  ],
].map((text) => Buffer.from(text))
const noise = [
  Buffer.from([0xff]),
  Buffer.from([0xc3]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.alloc(9),
  Buffer.from([0x80]),
]

/** Yields mutations of seeds, the same every time: bytes changed, parts removed, repeated, taken from another seed, tokens. */
export function* mutationsOf(seeds: readonly Uint8Array[], start: number): Generator<Buffer, never, undefined> {
  const random = randomNumbers(start)
  const pick = <One>(all: readonly One[]): One => all[random() % all.length] as One
  for (;;) {
    let bytes: Buffer = Buffer.from(pick(seeds))
    for (let left = 1 + (random() % 4); left > 0; left--) bytes = mutated(bytes)
    yield bytes
  }

  /** Half of them where a value or a line begins. */
  function place(bytes: Buffer): number {
    const at = random() % (bytes.length + 1)
    if (random() % 2 === 0) return at
    const next = bytes
      .subarray(at)
      .findIndex((byte) => byte === 0x7b || byte === 0x0a || byte === 0x2c || byte === 0x5b)
    return next === -1 ? at : at + next + 1
  }

  function mutated(bytes: Buffer): Buffer {
    const at = place(bytes)
    const end = Math.min(bytes.length, at + (random() % 8 === 0 ? random() % 4096 : random() % 16))
    const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
    const kind = random() % 8
    if (kind === 0) return Buffer.concat([before, after])
    if (kind === 1) return Buffer.concat([before, part, part, after])
    if (kind === 2) return Buffer.concat([before, pick(random() % 5 === 0 ? noise : tokens.slice(0, -10)), after])
    if (kind === 3) return Buffer.concat([before, pick(tokens), random() % 2 === 0 ? bytes.subarray(at) : after])
    if (kind === 4) {
      const other = Buffer.from(pick(seeds))
      return Buffer.concat([before, other.subarray(random() % (other.length + 1)), after])
    }
    if (kind === 5) return random() % 4 === 0 ? before : Buffer.concat([after, before])
    const copy = Buffer.from(bytes)
    if (copy.length > 0)
      copy[at % copy.length] = kind === 6 ? random() & 255 : (copy[at % copy.length] ?? 0) ^ (1 << (random() % 8))
    return copy
  }
}

/** How a reader is tried. */
export interface Trial {
  readonly seeds: readonly (string | Uint8Array)[]
  /** Must return, or throw an error that names what is wrong. */
  readonly read: (bytes: Buffer) => unknown
  /** Errors that the reader documents besides those of dr-drill. */
  readonly mayThrow?: (error: unknown) => boolean
}

/** The longest that a reader may take. A machine that is busy is no reason to fail. */
const maxMs = 5000

/**
 * Tries a reader with mutations, for a moment or for `DR_DRILL_FUZZ_SECONDS`. Every error must be one that the reader
 * documents: anything else is a bug. A reader must never change a prototype, nor take long.
 */
export async function tryReader({ seeds, read, mayThrow = () => false }: Trial): Promise<void> {
  const seconds = Number(process.env['DR_DRILL_FUZZ_SECONDS'] ?? 0)
  const start = seconds > 0 ? Date.now() : 20_261_129
  const all = seeds.map((seed) => Buffer.from(seed))
  for (const seed of all) await read(seed)
  const ends = performance.now() + Math.max(150, seconds * 1000)
  for (const bytes of mutationsOf(all, start)) {
    const startedMs = performance.now()
    try {
      await read(bytes)
    } catch (error) {
      if (!(error instanceof DrillError) && !mayThrow(error))
        throw new Error(`${(error as Error).stack}\nfor ${shown(bytes)}`, { cause: error })
    }
    const tookMs = performance.now() - startedMs
    assert.ok(tookMs < maxMs, `took ${Math.round(tookMs)} ms for ${shown(bytes)}`)
    if (startedMs > ends) break
  }
  assert.equal(({} as { a?: unknown }).a, undefined)
}

const shown = (bytes: Buffer): string => `${bytes.length} bytes: ${bytes.toString('base64').slice(0, 6000)}`
