import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { junit } from './junit.ts'
import { summary } from './summary.ts'

const hostile =
  '\x1b[31m \0 \x07 \u202e \u00ad \u{e0041} \ufffe <img src=x> [a](https://evil) `b` | &lt; ]]> ]]>]]> ]]]>>'

const uri = 'a.feature'
const envelopes = [
  {
    gherkinDocument: {
      uri,
      comments: [],
      feature: {
        ...{ location: { line: 1 }, tags: [], language: 'en', keyword: 'Feature', name: hostile, description: hostile },
        children: [
          {
            scenario: {
              ...{ id: 's', location: { line: 2 }, tags: [], keyword: 'Scenario', name: hostile, description: '' },
              ...{ examples: [], steps: [{ id: 'g', location: { line: 3 }, keyword: 'Given ', text: hostile }] },
            },
          },
        ],
      },
    },
  },
  {
    pickle: {
      ...{ id: 'p', uri, name: hostile, language: 'en', tags: [], astNodeIds: ['s'] },
      steps: [{ id: 'ps', text: hostile, astNodeIds: ['g'] }],
    },
  },
  { testCase: { id: 'tc', pickleId: 'p', testSteps: [{ id: 'ts', pickleStepId: 'ps', stepDefinitionIds: [] }] } },
  { testRunStarted: { timestamp: { seconds: 0, nanos: 0 } } },
  { testCaseStarted: { id: 'tcs', testCaseId: 'tc', attempt: 0, timestamp: { seconds: 0, nanos: 0 } } },
  { testStepStarted: { testCaseStartedId: 'tcs', testStepId: 'ts', timestamp: { seconds: 0, nanos: 0 } } },
  {
    testStepFinished: {
      ...{ testCaseStartedId: 'tcs', testStepId: 'ts', timestamp: { seconds: 1, nanos: 0 } },
      testStepResult: {
        ...{ status: 'FAILED', duration: { seconds: 1, nanos: 0 }, message: hostile },
        exception: { type: 'Error', message: hostile, stackTrace: `${hostile}\n  at x` },
      },
    },
  },
  { testCaseFinished: { testCaseStartedId: 'tcs', willBeRetried: false, timestamp: { seconds: 1, nanos: 0 } } },
  { testRunFinished: { success: false, timestamp: { seconds: 1, nanos: 0 } } },
]

const journal = new MemoryJournal()
for (const envelope of envelopes) journal.append({ kind: 'envelope', envelope })
journal.append({ kind: 'drill-started', name: hostile, feature: hostile, location: 'a.feature:2' }, 'd')
journal.append({ kind: 'finding', finding: { verdict: 'fail', question: 'q', sentence: hostile, evidence: [] } }, 'd')
journal.append({ kind: 'error', code: 'x', blame: 'machine', message: hostile, remedy: hostile })
journal.append({ kind: 'drill-ended', outcome: 'failed', why: `${hostile}\n\`\`\`` }, 'd')

/** Characters that no report may contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
const dangerous = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u202e\ufffe]|[\u{e0000}-\u{e0fff}]/u

describe('texts of targets and hosts in reports', () => {
  it('leave junit.xml well-formed', () => {
    const xml = junit(journal.entries())
    assert.doesNotMatch(xml, dangerous)
    assert.doesNotMatch(xml, /<img|\]\]>/)
    assert.match(xml, /failures="1"/)
  })

  it('are no Markdown and no HTML in summary.md', () => {
    const markdown = summary(journal.entries())
    assert.doesNotMatch(markdown, dangerous)
    const blocks = markdown.split(/^(`{3,})$/m)
    const prose = blocks.filter((_, index) => index % 4 === 0).join('')
    assert.doesNotMatch(prose, /(?<!\\)<img|(?<!\\)\[a\]|(?<!\\)`b|(?<!\\)&lt;|https:\/\//)
    assert.match(prose, /\\<img src=x\\>/)
  })
})
