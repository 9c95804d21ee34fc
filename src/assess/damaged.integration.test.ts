import assert from 'node:assert/strict'
import { it } from 'node:test'
import { scratch } from './assessment.fixture.ts'
import { confusionMatrix, isWrongPass, judgeDamaged } from './damaged-target.fixture.ts'

it('an image with damaged metadata is never restorable if QEMU cannot read it, or finds errors and reads other content', async (t) => {
  const images = await Array.fromAsync(judgeDamaged(scratch('damaged'), 200, 20_261_129, ['tables']))
  t.diagnostic(confusionMatrix(images, 'tables'))
  assert.equal(images.length, 200)
  assert.deepEqual(
    images.filter((image) => isWrongPass(image, 'tables')),
    [],
  )
  // Both sides of the comparison occur, or it would prove nothing.
  assert.ok(images.filter(({ content }) => content === 'unreadable').length > 30)
  assert.ok(images.filter(({ content, check }) => content === 'other' && check !== 0).length > 20)
  const passed = ({ verdicts }: (typeof images)[number]) => verdicts['tables']?.defect === undefined
  assert.ok(images.filter(passed).length > 30)
})
