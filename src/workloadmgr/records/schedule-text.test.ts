import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isScheduleEnabled, withScheduleEnabled } from './schedule-text.ts'

describe('schedule', () => {
  const rows: readonly (readonly [string, string])[] = [
    ["{'enabled': True, 'interval': '24hrs'}", "{'enabled': False, 'interval': '24hrs'}"],
    ["{u'start_time': u'2:30 PM', u\"enabled\" :  True}", "{u'start_time': u'2:30 PM', u\"enabled\" :  False}"],
    ['{"enabled": true, "interval": "1 hr"}', '{"enabled": false, "interval": "1 hr"}'],
    ["{'enabled': '1'}", "{'enabled': '0'}"],
    ["{'enabled': 'true'}", "{'enabled': 'false'}"],
    // The key occurs in a text, in an inner dictionary and as a value before the real one.
    [
      "{'note': \"it\\\"s 'enabled': True\", 'hourly': {'enabled': True}, 'x': 'enabled', 'enabled': True, 'n': [1]}",
      "{'note': \"it\\\"s 'enabled': True\", 'hourly': {'enabled': True}, 'x': 'enabled', 'enabled': False, 'n': [1]}",
    ],
  ]
  for (const [enabled, disabled] of rows)
    it(`${enabled} is disabled by its value alone, and enabled again`, () => {
      assert.equal(isScheduleEnabled(enabled), true)
      assert.equal(withScheduleEnabled(enabled, false), disabled)
      assert.equal(isScheduleEnabled(disabled), false)
      assert.equal(withScheduleEnabled(disabled, true), enabled)
      assert.equal(withScheduleEnabled(disabled, false), disabled)
    })

  it('without the value, or in another format, is not changed', () => {
    for (const text of [
      '',
      '{}',
      "{'interval': '1hr'}",
      "['enabled', True]",
      '(dp0\nVenabled\np1\nI01\ns.',
      "{'enabled'",
    ])
      assert.deepEqual([isScheduleEnabled(text), withScheduleEnabled(text, false)], [undefined, undefined], text)
    assert.equal(withScheduleEnabled("{'enabled': maybe}", false), undefined)
  })
})
