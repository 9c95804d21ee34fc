import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { plainStyle } from '../../text/style.ts'
import { lostParentsSentence } from '../images/origin-needs.ts'
import { surveyNeeds } from './check-anew.ts'
import { checkNodes } from './check-nodes.ts'
import { describePlan } from './describe-plan.ts'
import { makePlan } from './make-plan.ts'
import { skip, statesOf, usePrivateSite, user } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import { isDone, isInDoubt } from './recovery-plan.ts'

const wide = { ...plainStyle, columns: 900 }

describe('a site with something that cannot be read', { skip }, () => {
  const site = usePrivateSite()
  const hosts = () => ({ ...site.hosts(), user })
  const plan = () =>
    makePlan(hosts(), { strategy: 'bind-mount', persist: true, nowMs: Date.now(), signal: site.signal })
  const check = async () => await checkNodes(hosts(), await surveyNeeds(hosts(), site), site.signal)

  /** Closes a folder or file of the target to the product's user. */
  const close = (path: string) => {
    chownSync(path, 1000, 1000)
    chmodSync(path, 0o700)
  }
  afterEach(() => {
    site.chown()
    execFileSync('chmod', ['-R', 'a+rX', site.data])
  })

  const parentFolder = () => `${site.data}/${dirname(site.image(0))}`
  const places: Readonly<Record<string, () => string>> = {
    'the folder of a snapshot': () => dirname(dirname(parentFolder())),
    'the folder of a disk': parentFolder,
    'an image': () => `${site.data}/${site.image(0)}`,
  }
  for (const [what, placeOf] of Object.entries(places))
    it(`is unknown, and not broken, if ${what} is closed to the product's user`, async () => {
      const place = placeOf()
      close(place)
      const shown = place.replace(site.data, site.local)
      const { plan: made, images } = await plan()
      assert.deepEqual(made.broken, [])
      assert.deepEqual(made.unread, [`${shown}: Permission denied (EACCES)`])
      assert.deepEqual([isInDoubt(made), isDone(made)], [true, false])
      const text = describePlan(made, wide).join('\n')
      assert.doesNotMatch(text, /broken|no given target/)
      assert.ok(text.includes(`unread: ${shown}: Permission denied (EACCES)`), text)
      // The other parent is where it is, so that the origin path is needed and bound for it.
      assert.deepEqual(
        made.nodes.map(({ actions, refusals }) => [actions.length, refusals.length]),
        [3, 3, 3].map((count) => [count, 0]),
      )
      const isImage = what === 'an image'
      assert.deepEqual(
        made.unclear.map(({ origin, images: count, hidden }) => [origin, count, hidden]),
        isImage ? [] : [[site.origin, 1, `${shown}: Permission denied (EACCES)`]],
      )

      const resolutions = (await check()).filter(({ path }) => path === '')
      assert.deepEqual(new Set(resolutions.map(({ state }) => state)), new Set(['unknown']))
      assert.ok(resolutions.every(({ why }) => why?.includes(`${shown}: Permission denied (EACCES)`)))

      const results = await recover(hosts(), made, images, site.options())
      assert.deepEqual(statesOf(results), ['unknown', 'unknown', 'unknown'])
      assert.ok(
        results.every(({ why }) => why?.includes('EACCES')),
        results[0]?.why,
      )
    })

  /** Each is in the folder of another disk. All nodes must come out as if it were not there. */
  const hostile: Readonly<Record<string, (disk: string) => void>> = {
    'a name with a NUL in its mount path': (disk) => {
      const name = `${site.origin.slice(0, -4)}\0${site.origin.slice(-4)}/${site.image(0)}`
      const image = readFileSync(`${site.data}/${site.image(1)}`)
      const offset = Number(image.readBigUInt64BE(8))
      image.writeUInt32BE(name.length, 16)
      image.write(name, offset)
      writeFileSync(`${disk}/odd`, image)
    },
    'a name with a NUL in JSON': (disk) =>
      named(`${disk}/odd`, `json:{"file.filename":"${site.origin}\\u0000/${site.image(0)}"}`),
    'a name with half a character in JSON': (disk) =>
      named(`${disk}/odd`, `json:{"file.filename":"${site.origin}\\ud800/${site.image(0)}"}`),
    'a name that is not UTF-8': (disk) => named(`${disk}/odd`, `${site.origin}/\xff\xfe/${site.image(0)}`, 'latin1'),
    'folders that are nested deeply': (disk) => {
      mkdirSync(`${disk}/deep`)
      const nest = 'import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(1500): os.mkdir("a"); os.chdir("a")'
      execFileSync('python3', ['-c', nest, `${disk}/deep`])
    },
    'a FIFO': (disk) => execFileSync('mkfifo', [`${disk}/odd`]),
    'a link to itself': (disk) => execFileSync('ln', ['-s', 'odd', `${disk}/odd`]),
  }

  function named(path: string, name: string, encoding: BufferEncoding = 'utf8'): void {
    const image = readFileSync(`${site.data}/${site.image(1)}`)
    const bytes = Buffer.from(name, encoding)
    const offset = Number(image.readBigUInt64BE(8))
    image.writeUInt32BE(bytes.length, 16)
    image.set(bytes, offset)
    writeFileSync(path, image)
  }

  for (const [what, write] of Object.entries(hostile))
    it(`is planned, checked and recovered with ${what} on it`, async () => {
      const without = (await plan()).plan
      const disk = site.otherDisk()
      write(disk)
      execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, site.data])
      try {
        const { plan: made, images } = await plan()
        assert.deepEqual(made.unknown, [])
        assert.deepEqual(
          made.nodes.map(({ actions, refusals }) => [actions, refusals]),
          without.nodes.map(({ actions, refusals }) => [actions, refusals]),
        )
        const reported = [...made.broken.map(lostParentsSentence), ...made.unread]
        assert.equal(
          reported.length,
          what.startsWith('folders') ? 0 : 1,
          'it is reported, unless it is nothing to restore',
        )
        assert.doesNotMatch([...describePlan(made, wide), ...reported].join('\n'), /Traceback|File "/)
        const checked = await check()
        assert.ok(
          checked.filter(({ path }) => path === site.local).every(({ state }) => state === 'resolves'),
          JSON.stringify(checked),
        )
        const results = await recover(hosts(), made, images, site.options('sample'))
        assert.deepEqual(
          results.map(({ done, verdict }) => [done, (verdict?.read ?? 0) >= 1]),
          [3, 3, 3].map((count) => [count, true]),
        )
      } finally {
        execFileSync('rm', ['-rf', disk])
        rmSync(`${site.data}/workload_9`, { recursive: true })
      }
    })
})
