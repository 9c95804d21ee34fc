import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AppendedEvent, Finding } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { about, type Question } from './question.ts'

export type Row = readonly [
  condition: string,
  verdict: Finding['verdict'],
  sentence: RegExp,
  events: readonly AppendedEvent[],
]

/** Tests one question with one expectation: each row is a journal and its verdict. */
export function table<Expected>(question: Question<Expected>, expected: Expected, rows: readonly Row[]): void {
  describe(question.name, () => {
    it('is unknown on an empty journal, whatever is expected', () => {
      assert.equal(about(question, expected)([]).verdict, 'unknown')
    })

    for (const [condition, verdict, sentence, events] of rows) {
      it(`${verdict}: ${condition}`, () => {
        const journal = new MemoryJournal()
        for (const event of events) journal.append(event)
        const finding = about(question, expected)(journal.entries())
        assert.equal(finding.verdict, verdict, finding.sentence)
        assert.match(finding.sentence, sentence)
        assert.equal(finding.question, question.name)
        assert.deepEqual(
          finding.evidence.filter((seq) => seq < 1 || seq > events.length),
          [],
        )
      })
    }
  })
}
