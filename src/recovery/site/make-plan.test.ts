import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Shell, ShellError } from '../../shell/shell.ts'
import { makePlan } from './make-plan.ts'

const request = { strategy: 'bind-mount', persist: false, nowMs: 0, signal: new AbortController().signal } as const

/** A host that cannot be entered. */
function closed(where: string, remedy?: string): Shell {
  const refuse = () => Promise.reject(new ShellError(where, 'it cannot be entered', undefined, remedy))
  return { where, run: refuse, try: refuse }
}

describe('makePlan', () => {
  it('reports how to enter hosts that cannot be entered, and nothing about shares', async () => {
    const hostsOf = (...shells: readonly Shell[]) => ({
      site: 'a',
      nodes: shells.map((shell) => ({ where: shell.where, shell })),
      targets: ['/mounts/L2xvY2Fs'],
      user: undefined,
      mountedBy: undefined,
    })
    const hosts = hostsOf(closed('a/one'), closed('a/two', 'Start its ssh server.'))
    await assert.rejects(makePlan(hosts, request), {
      message: 'a/one: it cannot be entered\na/two: it cannot be entered',
      remedy: 'Start its ssh server.',
    })
    await assert.rejects(makePlan(hostsOf(closed('a/one')), request), { remedy: undefined })
  })
})
