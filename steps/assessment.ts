// Assessments on a node
import { Then, When } from '@cucumber/cucumber'
import { assessed } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Runs `dr-drill assess` on a node, on everything that the product has mounted there, as the product's user and with
 * cold caches. The site needs `(with dr-drill)`.
 * @example When "compute-1" assesses its mounted shares
 * @example When "compute-1" assesses its mounted shares with "--depth content --concurrency 4"
 */
When(
  '{node} assesses its mounted shares{withOptions}',
  async function (this: DrillWorld, node: string, options: readonly string[]) {
    await this.rehearsal.assessments.run(this.rehearsal.node(node), options)
  },
)

/**
 * Does the same, and stops the server from answering as soon as the first images are reported.
 * @example When "compute-1" assesses its mounted shares with "--answer-within 5s" while the NFS server "10.20.2.20" stops answering
 */
When(
  '{node} assesses its mounted shares{withOptions} while the NFS server {string} stops answering',
  async function (this: DrillWorld, node: string, options: readonly string[], server: string) {
    await this.rehearsal.assessments.runWhileSilenced(this.rehearsal.node(node), server, options)
  },
)

/**
 * Judges how many restores the assessment counts in each state.
 * @example Then the assessment on "compute-1" counts "1 restorable, 2 after-recovery"
 */
Then('the assessment on {node} counts {string}', function (this: DrillWorld, node: string, facts: string) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(assessed.restores.is, { where, facts })
})

/**
 * Judges that the number of restores in one state is in a range, both ends included.
 * @example Then the assessment on "compute-1" counts 1 to 3 "unknown" restores
 */
Then(
  'the assessment on {node} counts {int} to {int} {string} restores',
  function (this: DrillWorld, node: string, min: number, max: number, state: string) {
    const { where } = this.rehearsal.node(node)
    this.drill.judge(assessed.restoresIn(state).isBetween, { where, min, max })
  },
)

/**
 * Judges that the number of images that the assessment has read is in a range, both ends included.
 * @example Then the assessment on "compute-1" reads 20 to 399 images
 */
Then(
  'the assessment on {node} reads {int} to {int} images',
  function (this: DrillWorld, node: string, min: number, max: number) {
    const { where } = this.rehearsal.node(node)
    this.drill.judge(assessed.images.isBetween, { where, min, max })
  },
)

/**
 * Judges that the assessment reports a text among its reasons why it is incomplete.
 * @example Then the assessment is incomplete because of "no answer for 5 s"
 */
Then('the assessment is incomplete because of {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(assessed.unseen.mentions, { text })
})

/**
 * Judges the exit code of the assessment.
 * @example Then the assessment on "compute-1" exits with 3
 */
Then('the assessment on {node} exits with {int}', function (this: DrillWorld, node: string, facts: number) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(assessed.exitCode.is, { where, facts })
})

/**
 * Judges the duration of the assessment, without the start of the program.
 * @example Then the assessment on "compute-1" takes at most 60 s
 */
Then('the assessment on {node} takes at most {int} s', function (this: DrillWorld, node: string, seconds: number) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(assessed.time.isBetween, { where, min: 0, max: seconds * 1000 })
})

/**
 * Judges the durations of the last two assessments on a node.
 * @example Then the second assessment on "compute-1" is at least 10 times faster than the first
 */
Then(
  'the second assessment on {node} is at least {int} times faster than the first',
  function (this: DrillWorld, node: string, times: number) {
    const { where } = this.rehearsal.node(node)
    this.drill.judge(assessed.time.isFaster, { where, times })
  },
)
