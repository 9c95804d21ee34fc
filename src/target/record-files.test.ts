import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locate, syntaxErrorIn } from './json-text.ts'
import { metadataValue, type RecordProblem, readRecord, recordKindOf, writeRecord } from './record-files.ts'

const told = (problems: readonly RecordProblem[]) =>
  problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)

test('unknown fields are kept, and nothing need be there', () => {
  const text = '{"id": "w", "jobschedule": "{\'enabled\': True}", "new": {"deep": [1]}, "deleted": 0, "host": null}'
  const { record, problems } = readRecord('workload_db', text, 'workload_db')
  assert.deepEqual(problems, [])
  assert.equal(record?.id, 'w')
  assert.equal(record.user_id, undefined)
  assert.deepEqual(JSON.parse(writeRecord('workload_db', record)), JSON.parse(text))
  assert.deepEqual(readRecord('snapshot_db', '{}', 'f'), { record: {}, problems: [] })
  assert.deepEqual(readRecord('disk_db', '[]', 'f'), { record: [], problems: [] })
})

test('what is of a wrong type is told where it stands and left out, and the rest is read', () => {
  const text = `[
  {"id": "a", "size": "12", "other": 1, "metadata": [{"key": "disk_format", "value": "qcow2"}]},
  7,
  {"id": 5, "top": 1, "metadata": {"a": 1}}
]`
  const { record, problems } = readRecord('disk_db', text, 'x/disk_db')
  assert.deepEqual(told(problems), [
    'x/disk_db:2:23: 0.size must be a number',
    'x/disk_db:3:3: 1 must be an object',
    'x/disk_db:4:10: 2.id must be text',
    'x/disk_db:4:35: 2.metadata must be a list of objects',
  ])
  assert.deepEqual(record, [{ id: 'a', other: 1, metadata: [{ key: 'disk_format', value: 'qcow2' }] }, { top: 1 }])
  assert.equal(record?.[0] && metadataValue(record[0], 'disk_format'), 'qcow2')
  assert.deepEqual(told(readRecord('disk_db', '{}', 'f').problems), ['f:1:1: must be a list'])
  assert.deepEqual(told(readRecord('workload_db', ' []', 'f').problems), ['f:1:2: must be an object'])
})

test('of networks, security groups and settings a file may have one record, which need not stand in a list', () => {
  const row = { vm_network_resource_snap_id: 'n', pickle: '(dp0', status: 'available', metadata: [], deleted: false }
  for (const content of [row, [row]])
    assert.deepEqual(readRecord('network_db', JSON.stringify(content), 'f'), { record: [row], problems: [] })
  assert.deepEqual(readRecord('security_group_db', '{"id": "s", "new": 1}', 'f').record, [{ id: 's', new: 1 }])
  assert.deepEqual(readRecord('settings_db', '[{"key": "k", "value": null}]', 'f').problems, [])
  assert.deepEqual(told(readRecord('settings_db', '{"name": "n", "value": 7}', 'f').problems), [
    'f:1:24: value must be text',
  ])
  for (const kind of ['network_db', 'security_group_db', 'settings_db'] as const)
    for (const text of ['7', 'null', '"x"'])
      assert.deepEqual(told(readRecord(kind, text, 'f').problems), ['f:1:1: must be a list'])
})

test('what is no JSON is told with its line and column, and never thrown', () => {
  const rows: Readonly<Record<string, string>> = {
    '': 'f:1:1: not JSON: it ends where a value is expected',
    '{"id": "w"': 'f:1:11: not JSON: it ends where , or } is expected',
    '{\n  "id": "w",\n  "name": oops\n}': 'f:3:11: not JSON: "o" where a value is expected',
    '{"a": 1,}': 'f:1:9: not JSON: "}" where a key is expected',
    "{'a': 1}": 'f:1:2: not JSON: "\'" where a key or } is expected',
    '{"a" 1}': 'f:1:6: not JSON: "1" where : is expected',
    '{} {}': 'f:1:4: not JSON: "{" where the end is expected',
    '{"a": "b\nc"}': 'f:1:9: not JSON: "\\n" where a value is expected',
    '{"a": NaN}': 'f:1:7: not JSON: "N" where a value is expected',
    '{"a": "\\x"}': 'f:1:8: not JSON: "\\\\" where a value is expected',
  }
  for (const [text, message] of Object.entries(rows)) {
    const { record, problems } = readRecord('workload_db', text, 'f')
    assert.deepEqual([record, ...told(problems)], [undefined, message], text)
  }
  const { problems } = readRecord('workload_db', Uint8Array.of(123, 125, 10, 255), 'f')
  assert.deepEqual(told(problems), ['f:2:1: it is not UTF-8', 'f:2:1: not JSON: "\ufffd" where the end is expected'])
  assert.deepEqual(readRecord('workload_db', '\ufeff{"id":"w"}', 'f').record, { id: 'w' })
})

test('a text that is nested as deep as it is long is gone through in its own time', () => {
  const depth = 300_000
  assert.equal(syntaxErrorIn('['.repeat(depth))?.offset, depth)
  assert.equal(syntaxErrorIn('['.repeat(depth) + ']'.repeat(depth)), undefined)
  assert.equal(syntaxErrorIn(`"${'\\n'.repeat(depth)}`)?.offset, 2 * depth + 1)
})

test('whatever is cut out or put in, JSON.parse agrees on what is wrong', () => {
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

test('a value is found where it begins, the last one of two', () => {
  const text = '{"a": [1, {"b": 2}], "c": {"a": 3}, "c": {"a": 4}}'
  assert.equal(text.slice(locate(text, ['a', 1, 'b'])).charAt(0), '2')
  assert.equal(text.slice(locate(text, ['c', 'a'])).charAt(0), '4')
  assert.equal(locate(text, ['z']), 0)
})

test('the name of a file says which record it holds', () => {
  assert.equal(recordKindOf('disk_db'), 'disk_db')
  for (const name of ['toString', 'disk_db ', '9ae3a6e7-dffe-4424-badc-bc4de1a18b40'])
    assert.equal(recordKindOf(name), undefined)
})
