import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { describeDiagnosis, diagnose, type Probe } from './doctor.ts'

const fails = (remedy?: string) => () =>
  Promise.reject(new MachineError('no', 'it is not there\nnot at all', remedy === undefined ? {} : { remedy }))

describe('doctor', () => {
  const probes: readonly Probe[] = [
    { name: 'node', try: async () => 'v24' },
    { name: 'engine', remedy: 'start one', try: fails() },
    { name: 'image', needs: ['engine'], try: async () => 'never reached' },
    { name: 'lab', needs: ['node', 'image'], try: async () => 'never reached' },
    { name: 'disk', remedy: 'in general', try: fails('in particular') },
  ]

  it('tries everything that can be tried, and says what could not be and why', async () => {
    const seen = await Array.fromAsync(diagnose(probes))
    assert.deepEqual(
      seen.map(({ name, state, remedy }) => [name, state, remedy]),
      [
        ['node', 'ok', undefined],
        ['engine', 'failed', 'start one'],
        ['image', 'not tried', undefined],
        ['lab', 'not tried', undefined],
        ['disk', 'failed', 'in particular'],
      ],
    )
    assert.equal(seen[3]?.detail, 'it needs what is not well: image')
  })

  it('tells a person the remedy', async () => {
    const [, engine] = await Array.fromAsync(diagnose(probes))
    assert.ok(engine)
    assert.equal(
      describeDiagnosis({ ...engine, durationMs: 1234 }, 8),
      'failed     engine    it is not there  (1.2 s)\n    not at all\n    remedy: start one',
    )
  })
})
