import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { MachineError } from '../../errors.ts'
import type { AppliedAction } from '../action/kinds.ts'
import { openChangesIn, Records } from './recovery-records.ts'

const applied: AppliedAction = {
  where: 'a/node',
  action: { kind: 'bind', local: '/l', origin: '/o' },
  before: {},
  inverse: { kind: 'unbind', local: '/l', origin: '/o' },
}

describe('recovery records', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'records-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function record(): Records {
    const records = new Records(folder)
    using one = records.begin('a', 'bind-mount', 0)
    one.append({ kind: 'host', where: 'a/node', host: 'x' })
    one.append({ kind: 'action', applied })
    return records
  }

  it('hold the changes that are not undone, for each host that a node was', () => {
    const records = record()
    assert.deepEqual(openChangesIn(records.read('a')), new Map([['a/node', [{ host: 'x', actions: [applied] }]]]))
    using undo = records.begin('a', 'undo', 1)
    undo.append({ kind: 'undone', where: 'a/node', host: 'y', left: [] })
    assert.equal(openChangesIn(records.read('a')).size, 1)
    undo.append({ kind: 'undone', where: 'a/node', host: 'x', left: [] })
    assert.equal(openChangesIn(records.read('a')).size, 0)
    assert.deepEqual(records.read('b'), [])
  })

  it('are read up to a line that a crash cut off', () => {
    const records = record()
    const [name = ''] = readdirSync(folder)
    appendFileSync(join(folder, name), '{"kind":"undone","where":"a/no')
    assert.equal(openChangesIn(records.read('a')).size, 1)
  })

  it('with an entry of another form are refused with its line, because undoing follows them', () => {
    const records = record()
    const [name = ''] = readdirSync(folder)
    const file = join(folder, name)
    const lines = readFileSync(file, 'utf8').split('\n')
    const other = { ...applied, action: { ...applied.action, origin: '/o/../etc' } }
    for (const [damaged, why] of [
      ['{"kind":"action"}', /:3 cannot be read: applied: /],
      ['{"kind":"undone","where":"a/node","host":"x"}', /:3 cannot be read: left: /],
      ['{"kind":"gone"}', /:3 cannot be read: kind: /],
      [JSON.stringify({ kind: 'action', applied: other }), /:3 cannot be read: applied\.action\.origin: must be/],
    ] as const) {
      writeFileSync(file, [...lines.slice(0, 2), damaged, ...lines.slice(2)].join('\n'))
      assert.throws(() => records.read('a'), why, damaged)
    }
  })

  it('with a damaged line before the last are refused, because it may have a change', () => {
    const records = record()
    const [name = ''] = readdirSync(folder)
    const file = join(folder, name)
    const lines = readFileSync(file, 'utf8').split('\n')
    for (const damaged of ['{"kind":"act', 'null', '1', '\0\0\0']) {
      writeFileSync(file, [...lines.slice(0, 2), damaged, ...lines.slice(2)].join('\n'))
      assert.throws(() => records.read('a'), /:3 cannot be read: it is not JSON$/, damaged)
    }
  })

  it('in a folder that cannot be read are unknown, and none in one that does not exist', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    symlinkSync('loop', join(folder, 'loop'))
    for (const [odd, code] of [
      [file, 'ENOTDIR'],
      [join(folder, 'loop'), 'ELOOP'],
      [join(folder, 'x'.repeat(300)), 'ENAMETOOLONG'],
    ] as const)
      assert.throws(
        () => new Records(odd).read('a'),
        (error) => error instanceof MachineError && error.message.includes(code),
      )
    assert.deepEqual(new Records(join(folder, 'none')).read('a'), [])
  })

  it('of another version are refused, rather than read as if nothing was done', () => {
    const file = join(folder, 'a.2025.ndjson')
    writeFileSync(file, '{"kind":"begun","at":"2025","site":"a","strategy":"rebase"}\n')
    assert.throws(
      () => new Records(folder).read('a'),
      (error: Error) =>
        error instanceof MachineError &&
        error.message === `${file} is not a recovery record of this version of dr-drill` &&
        error.remedy !== undefined,
    )
  })
})
