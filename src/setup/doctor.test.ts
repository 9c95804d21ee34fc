import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { neverStopped } from '../shell/stopped-by.ts'
import { plainStyle } from '../text/style.ts'
import { describeDiagnosis, diagnose, type Probe } from './doctor.ts'

const fails = (remedy?: string) => () =>
  Promise.reject(new MachineError('missing', 'not found\nanywhere', remedy === undefined ? {} : { remedy }))

describe('doctor', () => {
  const probes: readonly Probe[] = [
    { name: 'node', try: async () => 'v24' },
    { name: 'engine', remedy: 'start one', try: fails() },
    { name: 'image', needs: ['engine'], try: async () => 'never reached' },
    { name: 'lab', needs: ['node', 'image'], try: async () => 'never reached' },
    { name: 'disk', remedy: 'of the probe', try: fails('of the error') },
  ]

  it('tries every probe whose needs are met, and names the unmet needs of the others', async () => {
    const seen = await Array.fromAsync(diagnose(probes, neverStopped))
    assert.deepEqual(
      seen.map(({ name, state, remedy }) => [name, state, remedy]),
      [
        ['node', 'ok', undefined],
        ['engine', 'failed', 'start one'],
        ['image', 'not tried', undefined],
        ['lab', 'not tried', undefined],
        ['disk', 'failed', 'of the error'],
      ],
    )
    assert.equal(seen[3]?.detail, 'not tried: needs image')
  })

  it('prints the mark, the detail and the remedy of each probe', async () => {
    const [node, engine, image] = await Array.fromAsync(diagnose(probes, neverStopped))
    assert.ok(node && engine && image)
    const options = { nameWidth: 8, style: plainStyle }
    assert.equal(describeDiagnosis({ ...node, durationMs: 12 }, options), '✔ node      v24  (0.0 s)')
    assert.equal(
      describeDiagnosis({ ...engine, durationMs: 1234 }, options),
      ['✘ engine    not found', '            anywhere  (1.2 s)', '            start one'].join('\n'),
    )
    assert.equal(describeDiagnosis(image, options), '– image     not tried: needs engine')
  })
})
