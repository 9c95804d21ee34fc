import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { check } from '../../input/schema-check.ts'
import type { KeystoneConnection } from './keystone-connection.ts'
import { KeystoneError } from './keystone-error.ts'

/** Keystone has one page. Others, in front of it or later versions, have several. */
const maxPages = 10_000
const maxRows = 2_000_000

type Query = Readonly<Record<string, string>>

const linksSchema = z.object({
  links: z.object({ next: z.string().nullish() }).nullish(),
  truncated: z.boolean().optional(),
})

/** Reads lists completely, or not at all: a row that is missing must not look like one that does not exist. */
export class KeystoneLists {
  readonly #connection: KeystoneConnection
  readonly #signal: AbortSignal | undefined

  constructor(connection: KeystoneConnection, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#signal = signal
  }

  /**
   * Returns all rows of a list.
   * @param key the key that the list has in the answer
   * @throws MachineError if a page cannot be read, is not such a list, or Keystone has cut the list
   */
  async read<Row extends z.ZodType>(path: string, key: string, row: Row, query: Query = {}): Promise<z.output<Row>[]> {
    const rows: z.output<Row>[] = []
    const seen = new Set<string>()
    let page: Query = query
    for (let pages = 0; pages < maxPages; pages++) {
      const { body, next } = await this.#page(path, key, page)
      for (const one of this.shape(z.array(row), body, `GET ${path}: ${key}`)) rows.push(one)
      if (rows.length > maxRows) throw broken(path, `more than ${maxRows} rows`)
      if (next === undefined) return rows
      // Only the query: an address of a proxy's inside must not be contacted, and must not get the token.
      page = Object.fromEntries(new URL(next, 'http://keystone').searchParams)
      const mark = JSON.stringify(page)
      if (seen.has(mark)) throw broken(path, 'its pages lead to each other')
      seen.add(mark)
    }
    throw broken(path, `more than ${maxPages} pages`)
  }

  /** Returns an answer as its schema defines it. @throws MachineError */
  shape<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
    try {
      return check(schema, value, where)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const [first = '', ...others] = error.message.split('\n')
      const more = others.length === 0 ? '' : ` and ${others.length} more problems`
      throw new KeystoneError('keystone-answer', `cloud ${this.#connection.profile.name}: ${first}${more}`)
    }
  }

  async #page(path: string, key: string, query: Query): Promise<{ readonly body: unknown; readonly next?: string }> {
    const answer = await this.#connection.get(path, query, this.#signal)
    const { links, truncated } = this.shape(linksSchema, answer, `GET ${path}`)
    if (truncated === true) throw broken(path, 'Keystone has cut the list', 'Raise list_limit in keystone.conf.')
    const body = (answer as Record<string, unknown>)[key]
    return { body, ...(links?.next && { next: links.next }) }
  }
}

function broken(path: string, what: string, remedy?: string): KeystoneError {
  const message = `the list ${path} is incomplete: ${what}`
  return new KeystoneError('keystone-incomplete', message, { ...(remedy !== undefined && { remedy }) })
}
