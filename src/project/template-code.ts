// The code of a new project: its own fault, its own verdict with a test, and the steps that use them.

export const fault = `// A fault of this project: break something, and observe that it is broken.
import type { Fault, Lab, User } from 'dr-drill'

/** The nodes of a site can read its shares, but not write to them. */
export function readOnlyShares(siteName: string): Fault {
  const onEachNode = async (lab: Lab, script: string, options: { user?: User } = {}) => {
    const { nodes, plan } = lab.site(siteName)
    const args = plan.shares.map(({ mountPath }) => mountPath)
    const results = await Promise.all(nodes.map(({ shell }) => shell.run({ script, args }, options)))
    return results.map(({ stdout }) => stdout)
  }
  return {
    name: 'read-only shares',
    subject: \`site \${siteName}\`,
    async inject(lab) {
      await onEachNode(lab, 'for path; do mount -o remount,bind,ro "$path"; done')
      return {
        async [Symbol.asyncDispose]() {
          await onEachNode(lab, 'for path; do mount -o remount,bind,rw "$path"; done')
        },
      }
    },
    // A mount option is only a sign: try to write, as the product's user. A fault without an effect ends the drill.
    async observe(lab) {
      const { user } = lab.site(siteName).plan
      const facts = await onEachNode(lab, 'for path; do touch "$path/x" 2>&1 || true; done', { user })
      return { tookEffect: facts.every((output) => output.includes('Read-only file system')), facts }
    },
  }
}
`

export const verdict = `// A verdict of this project. It judges the journal, and nothing else: no commands, no clock.
import { entriesOf, fail, pass, type Question, recordsOfSeries, unknown } from 'dr-drill'

/** Asks whether each restore of the last \`When\` took at most so many seconds. */
export const restoreTime: Question<{ readonly maxSeconds: number }> = {
  name: 'each restore is fast enough',
  judge(journal, { maxSeconds }) {
    const restores = recordsOfSeries(entriesOf(journal, 'restore'))
    if (restores.length === 0) return unknown('nothing was restored')
    const slow = restores.filter(({ restore }) => restore.durationMs > maxSeconds * 1000)
    // The entries that prove a verdict are its evidence.
    const evidence = (entries: typeof restores) => entries.map(({ seq }) => seq)
    if (slow.length > 0) return fail(\`restores that took more than \${maxSeconds} s: \${slow.length}\`, evidence(slow))
    return pass(\`restores that took at most \${maxSeconds} s: \${restores.length}, all of them\`, evidence(restores))
  },
}
`

export const verdictTest = `// A verdict proves something only if it can fail.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { JournalEntry } from 'dr-drill'
import { restoreTime } from './restore-time.mts'

const restore = (durationMs: number, series = 's1') =>
  ({ seq: 1, kind: 'restore', series, restore: { durationMs } }) as JournalEntry

it('passes, fails, and is unknown if nothing was restored', () => {
  assert.equal(restoreTime.judge([restore(5000)], { maxSeconds: 5 }).verdict, 'pass')
  assert.equal(restoreTime.judge([restore(5001)], { maxSeconds: 5 }).verdict, 'fail')
  assert.equal(restoreTime.judge([], { maxSeconds: 5 }).verdict, 'unknown')
})

it('judges every restore of the last When, and none before', () => {
  assert.equal(restoreTime.judge([restore(9000), restore(1, 's2')], { maxSeconds: 5 }).verdict, 'pass')
  assert.equal(restoreTime.judge([restore(9000, 's2'), restore(1, 's2')], { maxSeconds: 5 }).verdict, 'fail')
})
`

export const steps = `// Steps of this project, beside those of dr-drill. Node runs TypeScript as it is.
import { Given, Then } from '@cucumber/cucumber'
import type { DrillWorld } from 'dr-drill/steps'
import { readOnlyShares } from '../faults/read-only-shares.mts'
import { restoreTime } from '../verdicts/restore-time.mts'

Given('the shares of site {string} are read-only', async function (this: DrillWorld, site: string) {
  await this.rehearsal.faults.inject(readOnlyShares(site))
})

Then('each restore took at most {int} s', function (this: DrillWorld, maxSeconds: number) {
  this.drill.judge(restoreTime, { maxSeconds })
})
`
