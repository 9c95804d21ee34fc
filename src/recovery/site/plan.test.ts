import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Shell, ShellError } from '../../shell/shell.ts'
import { makePlan } from './plan.ts'

const request = { strategy: 'bind-mount', persist: false, nowMs: 0, signal: new AbortController().signal } as const

/** Cannot be entered. */
function closed(where: string, remedy?: string): Shell {
  const refuse = () => Promise.reject(new ShellError(where, 'it cannot be entered', undefined, remedy))
  return { where, run: refuse, try: refuse }
}

describe('planning for hosts that cannot be entered', () => {
  it('says what helps to enter them, and nothing of shares', async () => {
    const crewOf = (...shells: readonly Shell[]) => ({
      site: 'a',
      members: shells.map((shell) => ({ where: shell.where, shell })),
      targets: ['/mounts/L2xvY2Fs'],
      user: undefined,
      mountedBy: undefined,
    })
    const crew = crewOf(closed('a/one'), closed('a/two', 'Start its ssh server.'))
    await assert.rejects(makePlan(crew, request), {
      message: 'a/one: it cannot be entered\na/two: it cannot be entered',
      remedy: 'Start its ssh server.',
    })
    await assert.rejects(makePlan(crewOf(closed('a/one')), request), { remedy: undefined })
  })
})
