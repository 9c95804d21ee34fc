import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeError } from './print-error.ts'
import { buildProgram } from './program.ts'
import { parse } from './run-program.ts'

describe('a wrong value for assess', () => {
  const cases = [
    ['--max-age soon', 'duration', 'It must be an age, e.g. 90s, 15m, 24h or 3d.'],
    ['--max-age 3', 'duration', 'It must be an age, e.g. 90s, 15m, 24h or 3d.'],
    ['--answer-within 1d2', 'duration', 'It must be a duration, e.g. 90s, 15m or 2h.'],
    ['--concurrency 2000', 'n', 'It must be a number from 1 to 1024.'],
    ['--fail-on broke', 'list', 'It must be a comma-separated list of broken, needs-recovery, needs-secret, stale.'],
  ] as const
  for (const [option, placeholder, message] of cases)
    it(`is refused with the name of its option: ${option}`, async () => {
      const [name = '', value = ''] = option.split(' ')
      const error: unknown = await parse(await buildProgram(), ['assess', '/tmp', name, value]).catch(
        (thrown) => thrown,
      )
      const [first] = describeError(error).split('\n')
      assert.equal(first, `dr-drill: option '${name} <${placeholder}>' argument '${value}' is invalid. ${message}`)
    })
})
