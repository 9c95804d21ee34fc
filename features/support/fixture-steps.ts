// Steps that only the features in fixtures/ use.
import { Then, When } from '@cucumber/cucumber'
import { parseShare } from '../../src/index.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { leavingMarks, mark, waiting } from './observations.ts'

When('the drill waits for 2 s', async function (this: DrillWorld) {
  waiting.record(this.drill.journal, 'localhost', true)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
})

When('the drill waits for a signal', async function (this: DrillWorld) {
  waiting.record(this.drill.journal, 'localhost', true)
  // Without a timer the process would end while it waits for a signal.
  const timer = setInterval(() => {}, 1000)
  const { signal } = this.drill
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))).finally(() =>
    clearInterval(timer),
  )
})

When('the step throws an unexpected error', () => {
  throw new TypeError('an unexpected error')
})

When('every node and the share {share} are marked', async function (this: DrillWorld, share: string) {
  const { host, path } = parseShare(share)
  const leave = 'echo mark >"$1/mark"; sync "$1/mark" "$1"'
  await this.rehearsal.looks.run(leavingMarks, this.nodes, leave, ['/root'])
  await this.rehearsal.looks.run(leavingMarks, [this.rehearsal.lab.server(host)], leave, [path])
})

When('the marks on every node and the share {share} are recorded', async function (this: DrillWorld, share: string) {
  const { host, path } = parseShare(share)
  const look = 'cat "$1/mark" 2>/dev/null || echo nothing'
  await this.rehearsal.looks.run(mark, this.nodes, look, ['/root'])
  await this.rehearsal.looks.run(mark, [this.rehearsal.lab.server(host)], look, [path])
})

for (const [wording, facts] of [
  ['every mark exists', 'mark'],
  ['no mark exists', 'nothing'],
] as const)
  Then(wording, function (this: DrillWorld) {
    this.drill.judge(mark.is, { facts })
  })
