import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { editedRecord, type RecordEdits } from './edited-record.ts'

describe('edited record', () => {
  it('has new values, and all other bytes of the old text', () => {
    const text =
      '\ufeff{ "id": "w",\t"big": 12345678901234567890, "1": 1.50,\n "user_id" : "old", "new\\u0041": {"user_id": "x"},\n' +
      ' "metadata": [{"key": "a", "value": "1"}, {"value": null, "key": "b", "more": [1]}, 7], "project_id": null }\n'
    const edits = { fields: { user_id: 'a "new" one', project_id: 'p' }, metadata: { b: 'share', z: 'none' } }
    assert.equal(
      editedRecord(text, edits),
      text
        .replace('"old"', '"a \\"new\\" one"')
        .replace('"value": null', '"value": "share"')
        .replace('"project_id": null', '"project_id": "p"'),
    )
  })

  it('gets fields that it lacks', () => {
    const rows: readonly (readonly [string, RecordEdits, string])[] = [
      ['{}', { fields: { a: 'x' } }, '{"a": "x"}'],
      ['{ }', { fields: { a: 'x' } }, '{"a": "x" }'],
      [' {"b": 1}', { fields: { a: 'x', c: 'y' } }, ' {"a": "x", "c": "y", "b": 1}'],
      ['{"b": {}}', { fields: { b: 'x' } }, '{"b": "x"}'],
      ['{"b": [{}, "}"]}', { fields: { b: 'x', a: 'y' } }, '{"a": "y", "b": "x"}'],
      ['{"b": 1}', { metadata: { b: 'x' } }, '{"b": 1}'],
    ]
    for (const [text, edits, edited] of rows) assert.equal(editedRecord(text, edits), edited, text)
  })

  it('has a new value for each of several equal keys, whichever a reader takes', () => {
    const text = '{"user_id": "a", "user_id": "b", "toString": 1, "__proto__": {"user_id": 2}}'
    assert.equal(editedRecord(text, { fields: { user_id: 'n' } }), text.replace('"a"', '"n"').replace('"b"', '"n"'))
  })

  it('is an error for anything but an object', () => {
    for (const text of ['[]', '7', 'null', '{"a": ', '']) assert.throws(() => editedRecord(text, {}), SyntaxError, text)
  })
})
