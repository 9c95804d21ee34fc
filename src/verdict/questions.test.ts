import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { questions } from './questions.ts'

describe('the menu of questions', () => {
  it('has every question that this room exports', async () => {
    const files = globSync('{claim,observation}/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.test.ts'] })
    const menu = new Set<unknown>(questions)
    const forgotten: string[] = []
    for (const file of files)
      for (const [name, value] of Object.entries(await import(join(import.meta.dirname, file))))
        if (!questionsIn(value).every((question) => menu.has(question))) forgotten.push(`${file}: ${name}`)
    assert.deepEqual(forgotten, [])
  })
})

function questionsIn(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if ('judge' in value) return [value]
  return 'questions' in value && Array.isArray(value.questions) ? value.questions : []
}
