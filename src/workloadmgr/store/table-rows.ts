import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** The type of a column. A `?` marks a column that may be empty. */
type ColumnType = 'text' | 'number' | 'flag' | 'json'

/** The columns of a table by name. The first one is the key. */
export type Columns = Readonly<Record<string, ColumnType | `${ColumnType}?`>>

interface ColumnTypes {
  readonly text: string
  readonly number: number
  readonly flag: boolean
  readonly json: unknown
}

type Filled<Type> = Type extends keyof ColumnTypes ? ColumnTypes[Type] : never

/** A row of a table with these columns. A field of an empty column is undefined. */
export type RowOf<Table extends Columns> = {
  readonly [Name in keyof Table as Table[Name] extends ColumnType ? Name : never]: Filled<Table[Name]>
} & {
  readonly [Name in keyof Table as Table[Name] extends ColumnType ? never : Name]?: Table[Name] extends `${infer Type}?`
    ? Filled<Type>
    : never
}

/** Some fields of a row. Undefined empties a column. */
type Some<Row> = { readonly [Name in keyof Row]?: Row[Name] | undefined }

const sqlTypes = { text: 'TEXT', number: 'NUMERIC', flag: 'INTEGER', json: 'TEXT' } as const

/** The rows of one table, by their key. Values are bound, never written into statements. */
export class TableRows<Table extends Columns> {
  readonly #db: DatabaseSync
  readonly #name: string
  readonly #columns: Table
  readonly #key: readonly string[]

  /** @param key the columns that identify a row; default: the first column */
  constructor(db: DatabaseSync, name: string, columns: Table, key = Object.keys(columns).slice(0, 1)) {
    this.#db = db
    this.#name = name
    this.#columns = columns
    this.#key = key
  }

  /** Creates the table. */
  create(): void {
    const columns = Object.entries(this.#columns).map(
      ([name, type]) => `"${name}" ${sqlTypes[typeIn(type)]}${type.endsWith('?') ? '' : ' NOT NULL'}`,
    )
    const key = this.#key.map((name) => `"${name}"`).join()
    this.#db.exec(`CREATE TABLE "${this.#name}" (${columns.join()}, PRIMARY KEY (${key}))`)
  }

  /** Makes look-ups by a column fast. */
  index(column: keyof Table & string): void {
    this.#db.exec(`CREATE INDEX "${this.#name}_${column}" ON "${this.#name}" ("${column}")`)
  }

  /** Adds a row. @throws if its key exists */
  add(row: RowOf<Table>): void {
    const names = Object.keys(row).filter((name) => Object.hasOwn(this.#columns, name))
    const places = names.map((name) => `"${name}"`)
    const sql = `INSERT INTO "${this.#name}" (${places.join()}) VALUES (${names.map(() => '?').join()})`
    this.#db.prepare(sql).run(...names.map((name) => this.#bound(name, (row as Record<string, unknown>)[name])))
  }

  /** The first row with these values. Undefined if there is none. */
  find(match: Some<RowOf<Table>>): RowOf<Table> | undefined {
    return this.list(match)[0]
  }

  /** All rows with these values, in the order in which they were added. */
  list(match: Some<RowOf<Table>> = {}): readonly RowOf<Table>[] {
    const { where, values } = this.#where(match)
    return this.#db
      .prepare(`SELECT * FROM "${this.#name}" ${where} ORDER BY rowid`)
      .all(...values)
      .map((row) => this.#read(row))
  }

  /** The number of rows with these values. */
  count(match: Some<RowOf<Table>>): number {
    const { where, values } = this.#where(match)
    const row = this.#db.prepare(`SELECT count(*) AS number FROM "${this.#name}" ${where}`).get(...values)
    return Number(row?.['number'])
  }

  /** Changes all rows with these values. Returns their number. */
  change(match: Some<RowOf<Table>>, changes: Some<RowOf<Table>>): number {
    const names = Object.keys(changes).filter((name) => Object.hasOwn(this.#columns, name))
    const { where, values } = this.#where(match)
    const sql = `UPDATE "${this.#name}" SET ${names.map((name) => `"${name}" = ?`).join()} ${where}`
    const changed = names.map((name) => this.#bound(name, (changes as Record<string, unknown>)[name]))
    return Number(this.#db.prepare(sql).run(...changed, ...values).changes)
  }

  /** Removes all rows with these values. Returns their number. */
  remove(match: Some<RowOf<Table>>): number {
    const { where, values } = this.#where(match)
    return Number(this.#db.prepare(`DELETE FROM "${this.#name}" ${where}`).run(...values).changes)
  }

  #where(match: Some<RowOf<Table>>): { readonly where: string; readonly values: readonly SQLInputValue[] } {
    const names = Object.keys(match).filter((name) => Object.hasOwn(this.#columns, name))
    if (names.length === 0) return { where: '', values: [] }
    const values = names.map((name) => this.#bound(name, (match as Record<string, unknown>)[name]))
    // `IS` also compares with NULL.
    return { where: `WHERE ${names.map((name) => `"${name}" IS ?`).join(' AND ')}`, values }
  }

  #bound(name: string, value: unknown): SQLInputValue {
    if (value === undefined || value === null) return null
    const type = typeIn(this.#columns[name] ?? 'text')
    if (type === 'json') return JSON.stringify(value)
    return type === 'flag' ? Number(value) : (value as SQLInputValue)
  }

  #read(row: Readonly<Record<string, unknown>>): RowOf<Table> {
    const fields = Object.entries(this.#columns).flatMap(([name, written]): [string, unknown][] => {
      const value = row[name]
      if (value === null || value === undefined) return []
      const type = typeIn(written)
      if (type === 'json') return [[name, JSON.parse(String(value))]]
      return [[name, type === 'flag' ? value === 1 : value]]
    })
    return Object.fromEntries(fields) as RowOf<Table>
  }
}

const typeIn = (written: ColumnType | `${ColumnType}?`): ColumnType => written.replace('?', '') as ColumnType
