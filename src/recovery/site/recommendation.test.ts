import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Refusal, Strategy } from '../strategy/strategy.ts'
import { recommend } from './recommendation.ts'

const passing: Refusal = { origin: '/o', why: 'it is not empty', remedy: '' }
const lasting: Refusal = { origin: '/o', why: 'the product mounts it', remedy: '', isLasting: true }

function strategyThat(name: string, ...refusals: readonly Refusal[]): Strategy {
  const node = { where: 'node', actions: [], refusals, notes: [] }
  return {
    name,
    summary: '',
    reason: `${name} is cheap`,
    tradeOffs: () => '',
    plan: async () => ({ nodes: [node] }),
  }
}

describe('recommend', () => {
  const recommended = (...strategies: readonly [Strategy, ...Strategy[]]) =>
    recommend(strategies, (strategy) => strategy.plan({} as never, { persist: false }))

  it('prefers the first strategy, also if it is refused for now', async () => {
    const other = strategyThat('other')
    const first = { strategy: 'first', why: 'first is cheap' }
    assert.deepEqual(await recommended(strategyThat('first'), other), first)
    assert.deepEqual(await recommended(strategyThat('first', passing), other), first)
  })

  it('recommends another one if the first is refused for a lasting reason', async () => {
    assert.deepEqual(await recommended(strategyThat('first', passing, lasting), strategyThat('other')), {
      strategy: 'other',
      why: 'the product mounts it',
    })
  })

  it('returns to the first one if the others are refused too, with its lasting reason', async () => {
    const { strategy, why } = await recommended(strategyThat('first', lasting), strategyThat('other', passing))
    assert.equal(strategy, 'first')
    assert.match(why, /every other strategy is refused too\. Fix this first: the product mounts it/)
  })
})
