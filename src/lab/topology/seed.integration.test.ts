import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { it } from 'node:test'
import type { SeedFile } from '../engine/engine.ts'
import { contentOf, identity, server, site } from './seed.fixture.ts'
import { nodeSeed, serverSeed } from './seed.ts'

/** Reads a word as the guest does. */
function unescaped(word: string | undefined): string {
  return execFileSync('sh', ['-c', 'printf %b "$1"', 'sh', word ?? ''], { encoding: 'utf8' })
}

it("a server's seed exports each share with its own number, to the product's user", () => {
  const seed = serverSeed({ ...identity, name: server.name }, server)
  assert.equal(
    contentOf(seed, 'exports'),
    '/plain *(rw,sync,no_subtree_check,root_squash,fsid=1)\n/a\\040b\\134c/größe *(ro,fsid=2)\n',
  )
  const lines = contentOf(seed, 'shares')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
  assert.deepEqual(
    lines.map(([nth, owner, path, ...rest]) => [nth, owner, unescaped(path), rest.length]),
    [
      // No site mounts this share, so its owner is the default user.
      ['0', '162:162', '/plain', 0],
      ['1', '42436:42436', '/a b\\c/größe', 0],
    ],
  )
  assert.equal(contentOf(seed, 'fstab') + contentOf(seed, 'directories'), '')
})

it('a seed has the name, role and addresses of the machine as variables of a shell', () => {
  const variables = (seed: readonly SeedFile[]) =>
    execFileSync(
      'sh',
      [
        '-c',
        'eval "$1"; echo $NAME $ROLE $STORAGE $MANAGEMENT $PROPAGATION $SERVICE',
        'sh',
        contentOf(seed, 'machine'),
      ],
      {
        encoding: 'utf8',
      },
    )
  assert.equal(variables(nodeSeed(identity, site)), 'primary-appliance node 10.10.2.31/32 100.64.0.8/24 private\n')
  assert.equal(variables(serverSeed(identity, server)), 'primary-appliance server 10.10.2.31/32 100.64.0.8/24 shared\n')
})
