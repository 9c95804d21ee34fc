import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pathsOf } from './locations.ts'

it("locations of one feature become one path in Cucumber's notation", () => {
  assert.deepEqual(pathsOf(['a:1.feature:3', 'a:1.feature:12', 'b.feature:7']), ['a:1.feature:3:12', 'b.feature:7'])
})
