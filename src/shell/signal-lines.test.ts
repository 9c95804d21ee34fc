import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SignalLines } from './signal-lines.ts'

describe('SignalLines', () => {
  it('sends lines together that arrive while others are being sent, over one channel at a time', async () => {
    const sent: { readonly lines: string; readonly end: () => void }[] = []
    let open = 0
    const signals = new SignalLines(async (lines) => {
      open++
      assert.equal(open, 1)
      await new Promise<void>((resolve) => sent.push({ lines, end: resolve }))
      open--
    })
    const first = signals.add('a')
    await turn()
    const others = Promise.all(['b', 'c', 'd'].map((line) => signals.add(line)))
    await turn()
    sent[0]?.end()
    await first
    await turn()
    sent[1]?.end()
    await others
    assert.deepEqual(
      sent.map(({ lines }) => lines),
      ['a', 'b\nc\nd'],
    )
  })

  it('sends the next lines after some could not be sent', async () => {
    const sent: string[] = []
    const signals = new SignalLines(async (lines) => {
      sent.push(lines)
      if (lines === 'a') throw new Error('refused')
    })
    await signals.add('a')
    await signals.add('b')
    assert.deepEqual(sent, ['a', 'b'])
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))
