import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'

const checkout = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(checkout, file), 'utf8')

it('the page on troubleshooting quotes messages as they are printed', () => {
  const sources = globSync('src/**/*.ts', { cwd: checkout })
    .filter((file) => !/\.(test|fixture)\.ts$/.test(file))
    .map(read)
    .join('\n')
  const headings = [...read('docs/troubleshooting.md').matchAll(/^### (`.*`)$/gm)].map(([, text = '']) => text)
  const quotes = headings.flatMap((heading) => [...heading.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote))
  assert.ok(quotes.length > 15, `only ${quotes.length} messages were found`)
  assert.deepEqual(
    quotes.filter((quote) => !sources.includes(quote)),
    [],
  )
})
