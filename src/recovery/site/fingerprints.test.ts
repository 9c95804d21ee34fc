import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareFiles, type Fingerprints } from './fingerprints.ts'

const node = (
  files: Readonly<Record<string, string>>,
  errors: Readonly<Record<string, string>> = {},
): Fingerprints => ({
  files: new Map(Object.entries(files)),
  errors: new Map(Object.entries(errors)),
})

describe('comparing the files of two nodes', () => {
  const paths = ['/a', '/b', '/c']
  const right = node({ '/a': '1', '/b': '2' })
  const compared = (one: Fingerprints, other: Fingerprints) => {
    const { differing, same, unread } = compareFiles(paths, one, other)
    return [[...differing], same, [...unread]]
  }

  it('finds those that are another file, or missing on one of them', () => {
    assert.deepEqual(compared(right, right), [[], 2, []])
    assert.deepEqual(compared(right, node({ '/a': '1', '/b': '3' })), [['/b'], 1, []])
    assert.deepEqual(compared(right, node({ '/a': '1', '/c': '3' })), [['/b', '/c'], 1, []])
  })

  it('does not take one that could not be read for another file, or for a missing one', () => {
    const closed = node({ '/a': '1' }, { '/b': 'EACCES', '/c': 'EIO' })
    const unread = [
      ['/b', 'EACCES'],
      ['/c', 'EIO'],
    ]
    assert.deepEqual(compared(right, closed), [[], 1, unread])
    assert.deepEqual(compared(closed, right), [[], 1, unread])
  })
})
