import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseJournal } from '../journal/journal-file.ts'
import { judgeAgain } from '../verdict/judge-again.ts'
import { questions } from '../verdict/questions.ts'
import { cutText } from './cut-journal.ts'
import { reportFormats } from './index.ts'
import { sampleJournal } from './page/sample-journal.fixture.ts'

const whole = sampleJournal([{}, { outcome: 'failed' }])
  .map((entry) => `${JSON.stringify(entry)}\n`)
  .join('')

describe('a journal that was cut', () => {
  it('anywhere, is reported and judged again up to there, and reports that it was cut', async () => {
    const bytes = Buffer.from(whole)
    const step = Math.floor(bytes.length / 12)
    for (let length = 0; length < bytes.length; length += step) {
      const { entries, torn } = parseJournal([bytes.subarray(0, length)], 'cut')
      assert.match(cutText(entries, torn) ?? '', /the journal was cut/)
      judgeAgain(entries, questions)
      for (const [name, writer] of Object.entries(reportFormats)) {
        if (name === 'index.html') continue
        const content = await writer(entries)
        assert.ok(typeof content === 'string' || (await Array.fromAsync(content)).join('').length >= 0, name)
      }
    }
  })

  it('names the last entry, and whether a line is incomplete', () => {
    const lines = whole.split('\n')
    const cut = (text: string) => {
      const { entries, torn } = parseJournal([Buffer.from(text)], 'cut')
      return cutText(entries, torn)
    }
    assert.match(cut(`${lines[0]}\n${lines[1]}\n`) ?? '', /cut after entry 2 .*, before the end of the run$/)
    assert.match(
      cut(`${lines[0]}\n${lines[1]?.slice(0, 9)}`) ?? '',
      /cut after entry 1 .*: its last line is incomplete/,
    )
    assert.equal(cut(whole), undefined)
  })
})
