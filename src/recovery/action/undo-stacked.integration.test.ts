import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bindActions } from '../strategy/bind-mount/bind-actions.ts'
import { bind, folder, local, origin, skip, usePrivateMounts } from './private-mounts.fixture.ts'
import { undoEachAction } from './undo-actions.ts'

for (const propagation of ['private', 'shared'] as const)
  describe(`undoing a bind among other mounts, which are ${propagation}`, { skip }, () => {
    const { node, outputOf, isMounted, applied } = usePrivateMounts()

    /** Binds, does something else, and undoes. Returns the outcome of each action, the last first, the same as in a preview. */
    const undoAfter = async (script: string, { cleanUp = '', isPreviewCautious = false } = {}) => {
      await node.run({ script: `mount --make-r${propagation} /` })
      await node.run({
        script: 'mkdir "$1/sub"; mount -t tmpfs none "$1/sub"; echo below >"$1/sub/file"',
        args: [local],
      })
      const { begun } = await applied(bindActions({ local, origin, persist: false }))
      await node.run({ script, args: [local, origin, folder] })
      const before = await everything()
      const preview = await undoEachAction(node, begun, { isPreview: true })
      assert.deepEqual(await everything(), before)
      const outcomes = await undoEachAction(node, begun, { isPreview: false })
      const facts = (all: typeof outcomes) =>
        all.map(({ state, why, note, proof }) => ({
          state,
          ...((why ?? note) !== undefined && { why: why ?? note }),
          proof,
        }))
      if (!isPreviewCautious) assert.deepEqual(facts(outcomes), facts(preview))
      await node.run({ script: cleanUp, args: [local, origin] })
      // Whatever became of the origin path, the local path has what it had.
      assert.equal(await outputOf('cat', `${local}/image`, `${local}/sub/file`), 'data\nbelow\n')
      return facts(outcomes).map(({ state, why }) => [state, why].filter((one) => one !== undefined))
    }
    const everything = () => outputOf('cat', '/proc/self/mountinfo')
    const gone = [['undone'], ['undone']]
    const keptThere = ['kept', `something is mounted at ${origin}`]

    it('unmounts one of three equal binds, and reports those that are left', async () => {
      assert.deepEqual(await undoAfter('mount --bind "$1" "$2"; mount --bind "$1" "$2"'), [
        ['undone', `what was mounted at ${origin} below it is not of this recovery, and is kept`],
        keptThere,
      ])
      assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    })

    it('unmounts what --rbind carries along, and leaves it at the local path', async () => {
      assert.deepEqual(await undoAfter('umount "$2"; mount --rbind "$1" "$2"; cat "$2/sub/file"'), gone)
      assert.deepEqual([await isMounted(origin), await isMounted(`${local}/sub`)], [false, true])
    })

    it('unmounts what reached it from the local path since', async () => {
      const later = 'mkdir "$1/late" "$1/late2"; mount -t tmpfs none "$1/late"; mount --bind "$1/sub" "$1/late2"'
      assert.deepEqual(await undoAfter(later), gone)
      assert.deepEqual([await isMounted(`${local}/late`), await isMounted(`${local}/late2`)], [true, true])
    })

    it('keeps it if something else is mounted below it', async () => {
      const below = 'mkdir "$1/theirs"; mount -t tmpfs none "$2/theirs"'
      if (propagation === 'shared') {
        // Then the local path has the same.
        assert.deepEqual(await undoAfter(below), gone)
        assert.equal(await isMounted(`${local}/theirs`), true)
      } else {
        const why = `something else is mounted below ${origin}: ${origin}/theirs`
        assert.deepEqual(await undoAfter(below), [['kept', why], keptThere])
        assert.equal(await isMounted(`${origin}/theirs`), true)
      }
    })

    for (const [what, script, name] of [
      ['another file system', 'mount -t tmpfs theirs "$2"', 'tmpfs theirs'],
      ['a folder of the share', 'mkdir "$1/part"; mount --bind "$1/part" "$2"', 'tmpfs none'],
      ['the folder that holds the share', 'mount --bind "${1%/*}" "$2"', 'tmpfs none'],
    ] as const)
      it(`keeps it below ${what}`, async () => {
        // Where mounts are shared, what is mounted on top of a bind is on top of the local path, too.
        assert.deepEqual(await undoAfter(script, { cleanUp: 'umount "$2"' }), [
          ['kept', `${name} is mounted on top of what was bound at ${origin}`],
          keptThere,
        ])
        assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
      })

    it('keeps it if a mount above hides it', async () => {
      const parent = origin.replace(/\/[^/]*$/, '')
      assert.deepEqual(await undoAfter('mount -t tmpfs none "${2%/*}"'), [
        ['kept', `${parent} hides what was bound at ${origin}`],
        keptThere,
      ])
      await node.run(['umount', parent])
      assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    })

    for (const how of ['bind', 'rbind'])
      it(`unmounts it where the folder above is mounted elsewhere by --${how}`, async () => {
        // A preview does not see that the copy is removed as well, where mounts are shared.
        const options = { isPreviewCautious: how === 'rbind' && propagation === 'shared' }
        const outcomes = await undoAfter(`mkdir "$3/base"; mount --${how} "$3/mounts" "$3/base"`, options)
        const isCopied = how === 'rbind' && propagation === 'private'
        const other = `${origin} is also reached as ${origin.replace('/mounts/', '/base/')}, where something is mounted`
        assert.deepEqual(outcomes, isCopied ? [['undone'], ['kept', other]] : gone)
      })

    it('is refused, and not taken for done, where a mount above hides an earlier bind', async () => {
      await applied(bindActions({ local, origin, persist: false }))
      await node.run({ script: 'mount -t tmpfs none "${1%/*}"; mkdir "$1"', args: [origin] })
      await assert.rejects(applied([bind]), /cannot bind .*: another mount hides what is mounted at/)
    })

    it('proves by reading that the local path still has its files', async () => {
      await node.run({ script: `mount --make-r${propagation} /` })
      const { begun } = await applied(bindActions({ local, origin, persist: false }))
      const [bound] = await undoEachAction(node, begun, { isPreview: false })
      assert.equal(bound?.proof, 'image was read there after it')
    })
  })
