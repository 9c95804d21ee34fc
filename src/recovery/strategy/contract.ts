import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { moments } from '../../sampled.fixture.ts'
import { kindOf } from '../action/kinds.ts'
import { makePlan } from '../site/make-plan.ts'
import { planDifferences } from '../site/plan-differences.ts'
import { loadPlan, savePlan } from '../site/plan-file.ts'
import { planScript } from '../site/plan-script.ts'
import { FailingShell, type PrivateSite, skip, statesOf, usePrivateSite, user } from '../site/private-site.fixture.ts'
import { recover } from '../site/recover.ts'
import { isDone, type RecoveryPlan } from '../site/recovery-plan.ts'
import type { SiteNode } from '../site/site-hosts.ts'
import { previewUndo, undo } from '../site/undo.ts'
import type { Strategy } from './strategy.ts'

const everywhere = (state: string): readonly string[] => Array(3).fill(state)

/** Tests what every strategy must do, on nodes with real mounts and a target with real images. */
export function strategyContract(strategy: Strategy): void {
  describe(`the strategy ${strategy.name}`, { skip }, () => {
    const site = usePrivateSite()
    const planned = () => site.plan(site.nodes, strategy.name)

    async function carryOut(nodes: readonly SiteNode[] = site.nodes) {
      const { plan, images } = await planned()
      return await recover(site.hosts(nodes), plan, images, site.options('all'))
    }

    it('has a name for --strategy, and sentences to choose it by', () => {
      assert.match(strategy.name, /^[a-z][a-z-]*[a-z]$/)
      assert.match(strategy.summary, /^[a-z].*[^.]$/)
      assert.match(strategy.reason, /^[a-z].*[^.]$/)
      assert.match(strategy.tradeOffs({ nodes: 3, images: 2, persist: true }), /^[a-z].*\.$/)
    })

    it('plans nothing if nothing is needed', async () => {
      for (const node of site.nodes) await node.output('mkdir "$2"; mount --bind "$1" "$2"')
      const hosts = { ...site.hosts(), targets: [site.origin] }
      const request = { strategy: strategy.name, persist: true, nowMs: 0, signal: site.signal }
      const { plan } = await makePlan(hosts, request)
      assert.deepEqual(changesIn(plan), [])
      assert.equal(isDone(plan), true)
    })

    it('changes nothing while it plans', async () => {
      const before = [await site.states(), site.targetState()]
      const { plan } = await planned()
      assert.notDeepEqual(changesIn(plan), [])
      assert.deepEqual([await site.states(), site.targetState()], before)
    })

    it('plans data, which can be saved, loaded, and compared with a later plan', async () => {
      const { plan, images } = await planned()
      const file = join(site.folder, 'plan.json')
      savePlan(file, plan)
      assert.deepEqual(loadPlan(file), plan)
      assert.deepEqual(planDifferences(loadPlan(file), await planned()), [])
      const nothing = { ...plan, nodes: plan.nodes.map((node) => ({ ...node, actions: [] })) }
      assert.equal(planDifferences(nothing, { plan, images }).length, changesIn(plan).length)
      assert.equal(planDifferences(plan, { plan: nothing, images }).length, changesIn(plan).length)
    })

    it('makes every node restore, leaves nothing to do, and is undone without a trace', async () => {
      const before = [await site.states(), namesIn(site)]
      await assert.rejects(contentOn(site, 0), /No such file or directory/)
      const results = await carryOut()
      assert.deepEqual(
        results.map(({ state, verdict }) => [state, verdict?.read]),
        Array(3).fill(['recovered', 3]),
      )
      for (const index of site.nodes.keys()) assert.equal(await contentOn(site, index), rightContent(site))
      assert.equal(isDone((await planned()).plan), true)
      assert.deepEqual(statesOf(await undo(site.hosts(), site.options())), undoneWhere(results))
      assert.deepEqual([await site.states(), namesIn(site)], before)
      await assert.rejects(contentOn(site, 0), /No such file or directory/)
    })

    it('has a preview of its undo, which changes nothing', async () => {
      await carryOut()
      const before = [await site.states(), site.targetState()]
      const steps = (await previewUndo(site.hosts(), site.options())).flatMap((node) => node.steps)
      assert.ok(steps.length > 0)
      assert.deepEqual(new Set(steps.map(({ state }) => state)), new Set(['undone']))
      assert.deepEqual([await site.states(), site.targetState()], before)
      await undo(site.hosts(), site.options())
    })

    it('can be finished, and undone, after the connection to a node was lost', async () => {
      const [first, ...others] = site.nodes
      assert.ok(first)
      const before = [await site.states(), namesIn(site)]
      const counted = new FailingShell(first.shell, Number.POSITIVE_INFINITY, false)
      await carryOut([{ where: first.where, shell: counted }, ...others])
      await undo(site.hosts(), site.options())
      // The last command only releases the lock.
      for (const at of moments(counted.commands - 1)) {
        const isAfter = at % 2 === 0
        const failing = new FailingShell(first.shell, at, isAfter)
        const interrupted = await carryOut([{ where: first.where, shell: failing }, ...others])
        assert.notEqual(interrupted[0]?.state, 'recovered', `command ${at}`)
        await first.output('rm -rf /run/dr-drill-recovery')
        if (isAfter) assert.deepEqual(statesOf(await carryOut()), everywhere('recovered'), `command ${at}`)
        await undo(site.hosts(), site.options())
        assert.deepEqual([await site.states(), namesIn(site)], before, `command ${at}`)
      }
    })

    it('is a script with the same effect, which can be run again', async () => {
      const script = planScript((await planned()).plan)
      const names = namesIn(site)
      try {
        for (const node of [...site.nodes, ...site.nodes]) await node.shell.run({ script, args: [node.where] })
        for (const index of site.nodes.keys()) assert.equal(await contentOn(site, index), rightContent(site))
        assert.deepEqual(changesIn((await planned()).plan), [])
      } finally {
        renameParents(site, (_, index) => names[index] ?? '')
      }
    })

    it('refuses names that lead elsewhere on every node, and changes nothing then', async () => {
      const names = namesIn(site)
      renameParents(site, (name) => name.replace(site.origin, `${site.folder}/a/../etc/L2E=`))
      try {
        const before = [await site.states(), site.targetState()]
        const { plan, images } = await planned()
        assert.deepEqual(changesIn(plan), [])
        assert.ok(plan.nodes.every(({ refusals }) => refusals.length > 0 && refusals.every(({ why }) => why !== '')))
        assert.notEqual(planScript(plan), '')
        const results = await recover(site.hosts(), plan, images, site.options('none'))
        assert.deepEqual(statesOf(results), everywhere('failed'))
        assert.deepEqual([await site.states(), site.targetState()], before)
        assert.deepEqual(await undo(site.hosts(), site.options()), [])
      } finally {
        renameParents(site, (_, index) => names[index] ?? '')
      }
    })
  })
}

/** A sentence for each change of a plan. */
function changesIn({ nodes }: RecoveryPlan): readonly string[] {
  return nodes.flatMap(({ actions }) =>
    actions.flatMap((action) => {
      const kind = kindOf(action)
      return kind.parts(action).map((part) => kind.sentence(part))
    }),
  )
}

/** Undo names the nodes where something was done. */
function undoneWhere(results: readonly { readonly done: number }[]): readonly string[] {
  return results.filter(({ done }) => done > 0).map(() => 'undone')
}

/** The newest image, as a restore on a node reads it: as the product's user, by the names in the images. */
async function contentOn(site: PrivateSite, index: number): Promise<string> {
  const node = site.nodes[index]
  assert.ok(node)
  const script = 'qemu-img convert -O raw "$1" /run/out/raw && sha256sum </run/out/raw'
  await node.output(`mkdir -p /run/out; chown ${user.uid}:${user.gid} /run/out`)
  try {
    return (await node.shell.run({ script, args: [`${site.local}/${site.image(2)}`] }, { user })).stdout
  } finally {
    await node.output('rm -r /run/out')
  }
}

/** The content of the newest image, with its parents by their real paths. */
function rightContent({ data, folder, image }: PrivateSite): string {
  const chain = [2, 1, 0].reduceRight<object | null>(
    (backing, index) => ({
      driver: 'qcow2',
      file: { driver: 'file', filename: `${data}/${image(index)}` },
      backing,
    }),
    null,
  )
  execFileSync('qemu-img', ['convert', '-O', 'raw', `json:${JSON.stringify(chain)}`, `${folder}/right`])
  return execFileSync('sh', ['-c', 'sha256sum <"$1"', 'sh', `${folder}/right`], { encoding: 'utf8' })
}

const incrementals = [1, 2] as const

/** The parent names in the images. */
function namesIn({ data, image }: PrivateSite): readonly string[] {
  return incrementals.map((index) => {
    const json = execFileSync('qemu-img', ['info', '--output=json', `${data}/${image(index)}`], { encoding: 'utf8' })
    return (JSON.parse(json) as { readonly 'backing-filename': string })['backing-filename']
  })
}

function renameParents(site: PrivateSite, to: (name: string, index: number) => string): void {
  for (const [index, name] of namesIn(site).entries()) {
    const path = `${site.data}/${site.image(incrementals[index] ?? 0)}`
    execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', to(name, index), path])
  }
}
