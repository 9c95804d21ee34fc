import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locate, syntaxErrorIn } from './json-text.ts'
import { metadataValue, type RecordProblem, readRecord, recordKindOf, writeRecord } from './record-files.ts'

const reportsOf = (problems: readonly RecordProblem[]) =>
  problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)

test('unknown fields are kept, and no field is required', () => {
  const text = '{"id": "w", "jobschedule": "{\'enabled\': True}", "new": {"deep": [1]}, "deleted": 0, "host": null}'
  const { record, problems } = readRecord('workload_db', text, 'workload_db')
  assert.deepEqual(problems, [])
  assert.equal(record?.id, 'w')
  assert.equal(record.user_id, undefined)
  assert.deepEqual(JSON.parse(writeRecord('workload_db', record)), JSON.parse(text))
  assert.deepEqual(readRecord('snapshot_db', '{}', 'f'), { record: {}, problems: [] })
  assert.deepEqual(readRecord('disk_db', '[]', 'f'), { record: [], problems: [] })
})

test('a field of a wrong type is reported with its position and omitted, and the rest is read', () => {
  const text = `[
  {"id": "a", "size": "12", "other": 1, "metadata": [{"key": "disk_format", "value": "qcow2"}]},
  7,
  {"id": 5, "top": 1, "metadata": {"a": 1}}
]`
  const { record, problems } = readRecord('disk_db', text, 'x/disk_db')
  assert.deepEqual(reportsOf(problems), [
    'x/disk_db:2:23: 0.size must be a number',
    'x/disk_db:3:3: 1 must be an object',
    'x/disk_db:4:10: 2.id must be text',
    'x/disk_db:4:35: 2.metadata must be a list of objects',
  ])
  assert.deepEqual(record, [{ id: 'a', other: 1, metadata: [{ key: 'disk_format', value: 'qcow2' }] }, { top: 1 }])
  assert.equal(record?.[0] && metadataValue(record[0], 'disk_format'), 'qcow2')
  assert.deepEqual(reportsOf(readRecord('disk_db', '{}', 'f').problems), ['f:1:1: must be a list'])
  assert.deepEqual(reportsOf(readRecord('workload_db', ' []', 'f').problems), ['f:1:2: must be an object'])
})

test('a file of networks, security groups or settings may have one record outside of a list', () => {
  const row = { vm_network_resource_snap_id: 'n', pickle: '(dp0', status: 'available', metadata: [], deleted: false }
  for (const content of [row, [row]])
    assert.deepEqual(readRecord('network_db', JSON.stringify(content), 'f'), { record: [row], problems: [] })
  assert.deepEqual(readRecord('security_group_db', '{"id": "s", "new": 1}', 'f').record, [{ id: 's', new: 1 }])
  assert.deepEqual(readRecord('settings_db', '[{"key": "k", "value": null}]', 'f').problems, [])
  assert.deepEqual(reportsOf(readRecord('settings_db', '{"name": "n", "value": 7}', 'f').problems), [
    'f:1:24: value must be text',
  ])
  for (const kind of ['network_db', 'security_group_db', 'settings_db'] as const)
    for (const text of ['7', 'null', '"x"'])
      assert.deepEqual(reportsOf(readRecord(kind, text, 'f').problems), ['f:1:1: must be a list'])
})

test('invalid JSON is reported with line and column, and not thrown', () => {
  const rows: Readonly<Record<string, string>> = {
    '': 'f:1:1: not JSON: end of text, expected a value',
    '{"id": "w"': 'f:1:11: not JSON: end of text, expected , or }',
    '{\n  "id": "w",\n  "name": oops\n}': 'f:3:11: not JSON: "o", expected a value',
    '{"a": 1,}': 'f:1:9: not JSON: "}", expected a key',
    "{'a': 1}": 'f:1:2: not JSON: "\'", expected a key or }',
    '{"a" 1}': 'f:1:6: not JSON: "1", expected :',
    '{} {}': 'f:1:4: not JSON: "{", expected the end',
    '{"a": "b\nc"}': 'f:1:9: not JSON: "\\n", expected a value',
    '{"a": NaN}': 'f:1:7: not JSON: "N", expected a value',
    '{"a": "\\x"}': 'f:1:8: not JSON: "\\\\", expected a value',
  }
  for (const [text, message] of Object.entries(rows)) {
    const { record, problems } = readRecord('workload_db', text, 'f')
    assert.deepEqual([record, ...reportsOf(problems)], [undefined, message], text)
  }
  const { problems } = readRecord('workload_db', Uint8Array.of(123, 125, 10, 255), 'f')
  assert.deepEqual(reportsOf(problems), ['f:2:1: not UTF-8', 'f:2:1: not JSON: "\ufffd", expected the end'])
  assert.deepEqual(readRecord('workload_db', '\ufeff{"id":"w"}', 'f').record, { id: 'w' })
})

test('a text that is nested as deep as it is long is scanned in linear time', () => {
  const depth = 300_000
  assert.equal(syntaxErrorIn('['.repeat(depth))?.offset, depth)
  assert.equal(syntaxErrorIn('['.repeat(depth) + ']'.repeat(depth)), undefined)
  assert.equal(syntaxErrorIn(`"${'\\n'.repeat(depth)}`)?.offset, 2 * depth + 1)
})

test('the scanner agrees with JSON.parse on mutated texts', () => {
  const text = '{"a": [1, -2.5e+3, {"b\\u00e9": null}, []], "c": "d\\"e", "f": {}, "g": [true, false]}\n'
  const accepts = (one: string) => {
    try {
      JSON.parse(one)
      return true
    } catch {
      return false
    }
  }
  for (let at = 0; at <= text.length; at++) {
    for (const put of ['', ',', '"', '}', ']', '[', '{', ':', '0', '\\', '\n', 'x', '\t', '.', '-']) {
      for (const cut of [0, 1, 2]) {
        const changed = text.slice(0, at) + put + text.slice(at + cut)
        assert.equal(syntaxErrorIn(changed) === undefined, accepts(changed), changed)
      }
    }
  }
})

test('the position of a value is its start; of a duplicate key, the last one', () => {
  const text = '{"a": [1, {"b": 2}], "c": {"a": 3}, "c": {"a": 4}}'
  assert.equal(text.slice(locate(text, ['a', 1, 'b'])).charAt(0), '2')
  assert.equal(text.slice(locate(text, ['c', 'a'])).charAt(0), '4')
  assert.equal(locate(text, ['z']), 0)
})

test('the name of a file determines the kind of record', () => {
  assert.equal(recordKindOf('disk_db'), 'disk_db')
  for (const name of ['toString', 'disk_db ', '9ae3a6e7-dffe-4424-badc-bc4de1a18b40'])
    assert.equal(recordKindOf(name), undefined)
})
