import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatView } from './formats.ts'
import { selectColumns } from './select-columns.ts'
import { listView, showView } from './view.ts'

const list = listView(
  [
    { id: 'a1', name: 'web "shop"', size: 12, isOn: true, roles: ['member', 'creator'] },
    { id: 'b2', name: 'Größe', size: null, isOn: false, roles: [] },
  ],
  {
    ID: ({ id }) => id,
    Name: ({ name }) => name,
    Size: ({ size }) => size,
    On: ({ isOn }) => isOn,
    Roles: ({ roles }) => roles,
  },
)
const show = showView({ id: 'a1', status: 'available', error_msg: null, path: 'a $b "c"' })

describe('a list', () => {
  it('is a table with borders', async () => {
    assert.equal(
      await formatView(list, 'table'),
      [
        '+----+------------+------+-------+-----------------+',
        '| ID | Name       | Size | On    | Roles           |',
        '+----+------------+------+-------+-----------------+',
        '| a1 | web "shop" | 12   | True  | member, creator |',
        '| b2 | Größe      | None | False |                 |',
        '+----+------------+------+-------+-----------------+',
        '',
      ].join('\n'),
    )
  })

  it('is an empty line as a table, and an empty list as JSON, if it has no rows', async () => {
    const empty = listView([], { ID: () => '' })
    assert.deepEqual([await formatView(empty, 'table'), await formatView(empty, 'json')], ['\n', '[]\n'])
    assert.deepEqual([await formatView(empty, 'csv'), await formatView(empty, 'value')], ['"ID"\n', ''])
  })

  it('has its columns as names in JSON and YAML', async () => {
    const [first] = JSON.parse(await formatView(list, 'json'))
    assert.deepEqual(first, { ID: 'a1', Name: 'web "shop"', Size: 12, On: true, Roles: ['member', 'creator'] })
    assert.match(await formatView(list, 'yaml'), /^- ID: a1\n {2}Name: web "shop"\n {2}Size: 12\n/)
  })

  it('quotes text and no numbers as CSV', async () => {
    const lines = (await formatView(list, 'csv')).split('\n')
    assert.deepEqual(lines.slice(0, 2), [
      '"ID","Name","Size","On","Roles"',
      '"a1","web ""shop""",12,"True","member, creator"',
    ])
  })

  it('has one line a row with values only', async () => {
    assert.equal(await formatView(selectColumns(list, ['Size', 'ID']), 'value'), 'a1 12\nb2 None\n')
  })

  it('keeps text of records from the terminal', async () => {
    const hostile = listView(['a\u001b[31m\nb\u202e'], { ID: (text) => text })
    for (const format of ['table', 'value', 'csv'] as const)
      assert.match(await formatView(hostile, format), /a\\u001b\[31m\\u000ab\\u202e/)
  })
})

describe('what shows one thing', () => {
  it('is a table of fields and values', async () => {
    assert.match(await formatView(show, 'table'), /^\+-+\+-+\+\n\| Field +\| Value +\|\n/)
    assert.match(await formatView(show, 'table'), /^\| error_msg \| None +\|$/m)
  })

  it('can be read by a shell', async () => {
    assert.equal(await formatView(selectColumns(show, ['path']), 'shell'), 'path="a \\$b \\"c\\""\n')
  })

  it('has its fields as names in JSON', async () => {
    assert.equal(JSON.parse(await formatView(show, 'json')).error_msg, null)
    assert.equal(await formatView(selectColumns(show, ['status']), 'value'), 'available\n')
  })
})

describe('a wrong column', () => {
  it('is refused with the known ones: lists have other names than what shows one thing', () => {
    assert.throws(
      () => selectColumns(list, ['ID', 'id']),
      /^InputError: unknown column "id"; known columns: ID, Name, Size, On, Roles$/,
    )
    assert.throws(() => selectColumns(show, ['Status']), /known columns: id, status, error_msg, path/)
  })
})
