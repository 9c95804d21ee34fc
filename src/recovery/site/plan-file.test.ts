import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import { loadPlan, savePlan } from './plan-file.ts'
import { expectedImage, local, node, origin, plan } from './recovery-plan.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'plan-file-'))
const file = join(folder, 'plan.json')
/** Writes a plan as an editor would who computes the digest again. */
function write(edited: unknown): void {
  savePlan(file, plan)
  const digest = createHash('sha256').update(JSON.stringify(edited)).digest('hex')
  writeFileSync(file, JSON.stringify({ ...formatOfSaved(), digest, plan: edited }))
}

function formatOfSaved(): object {
  const { format } = JSON.parse(readFileSync(file, 'utf8')) as { readonly format: string }
  return { format }
}

describe('a plan in a file', () => {
  after(() => rmSync(folder, { recursive: true }))

  it('is loaded as it was saved', () => {
    savePlan(file, plan)
    assert.deepEqual(loadPlan(file), plan)
    write(plan)
    assert.deepEqual(loadPlan(file), plan)
  })

  const edited = (changes: object) => ({ ...plan, ...changes })
  const ofNode = (changes: object) => edited({ nodes: [{ ...node, ...changes }] })
  const cases: readonly (readonly [what: string, plan: unknown, where: RegExp])[] = [
    ['null', null, /plan\.json: plan: /],
    ['an empty object', {}, /plan\.json: plan\.targets: is missing/],
    ['a list', [], /plan\.json: plan: /],
    ['no nodes', edited({ nodes: [] }), /plan\.nodes: has no node/],
    ['nodes that are null', edited({ nodes: null }), /plan\.nodes: /],
    [
      'an unknown strategy',
      edited({ strategy: 'magic' }),
      /plan\.strategy: must be one of bind-mount, rebase, not "magic"/,
    ],
    ['a number for a path', edited({ targets: [7] }), /plan\.targets\.0: /],
    ['no targets', edited({ targets: [] }), /plan\.targets: /],
    [
      'a target that is not plain',
      edited({ targets: ['/a/../b'] }),
      /plan\.targets\.0: must be an absolute and plain path/,
    ],
    ['root as the user', edited({ user: { uid: 0, gid: 0 } }), /plan\.user\.uid: must not be root/],
    [
      'root as the user to make it with',
      edited({ madeWith: { user: { uid: 0, gid: 0 } } }),
      /plan\.madeWith\.user\.uid: /,
    ],
    ['a user without a group', edited({ user: { uid: 1 } }), /plan\.user\.gid: is missing/],
    [
      'a renamed node',
      ofNode({ where: 'a/other' }),
      /plan\.listedBy: .*plan\.nodes\.0\.state\.where: is not "a\/other"/s,
    ],
    ['nothing that is expected', edited({ expected: [] }), /plan\.needs\.0\.local: has no expected image/],
    [
      'an expected image elsewhere',
      edited({ expected: [{ target: local, images: [{ ...expectedImage, path: '../../etc/shadow' }] }] }),
      /plan\.expected\.0\.images\.0\.path: must be a plain path below the target/,
    ],
    ['a node twice', edited({ nodes: [node, node] }), /plan\.nodes: has the node "a\/compute" twice/],
    ['an unknown action', ofNode({ actions: [{ kind: 'run', command: 'x' }] }), /plan\.nodes\.0\.actions\.0\.kind: /],
    [
      'an action with more in it',
      ofNode({ actions: [{ kind: 'bind', local, origin, and: 1 }] }),
      /actions\.0: unknown key `and`/,
    ],
    [
      'an action for another path',
      ofNode({ actions: [{ kind: 'make-directory', path: '/etc/cron.d' }] }),
      /actions\.0: is not an action for what the plan needs/,
    ],
    [
      'a rename in a plan of binds',
      ofNode({ actions: [{ kind: 'rename-parents', user: { uid: 1, gid: 1 }, targets: [], renames: [] }] }),
      /actions\.0: is not an action for what the plan needs/,
    ],
    [
      'no needs, though a node was read for one',
      edited({ needs: [] }),
      /nodes\.0\.state\.pairs: are not those that the plan needs/,
    ],
    [
      'a need of another target',
      edited({ needs: [{ ...plan.needs[0], local: '/x' }] }),
      /needs\.0\.local: is not one of the targets/,
    ],
  ]
  for (const [what, its, where] of cases)
    it(`is wrong input if it has ${what}, and the place is named`, () => {
      write(its)
      assert.throws(
        () => loadPlan(file),
        (error: Error) => {
          assert.ok(error instanceof InputError)
          assert.match(error.message, where)
          return true
        },
      )
    })
})
