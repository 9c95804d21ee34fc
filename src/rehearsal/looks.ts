import { describeImage } from '../image/qemu.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { runBatch } from '../restore/batch.ts'
import { type AnyObservation, defineObservation } from '../verdict/observation/define-observation.ts'
import { isOneOf, isText } from '../verdict/observation/facts.ts'
import { toolRuns } from '../verdict/observation/tool-run.ts'
import { imagesThroughOriginPath, lookThroughOriginPaths } from './images-through-paths.ts'
import type { Moment } from './interruption.ts'
import { fstabAfter } from './interruption-fstab.ts'
import { onAll } from './on-all.ts'
import type { Scene } from './scene.ts'

/** The view of an origin path by the product's user. If looking fails, the output is the error, which is not valid. */
export type OriginPathView = 'missing' | 'empty' | 'filled'

const isView = isOneOf<OriginPathView>('missing', 'empty', 'filled')

export const originPathOnHost = defineObservation('the origin path on the host', isView)
export const originPathInService = defineObservation('the origin path in the service', isView)

/** The share that is mounted at a path. Empty if none is. */
export const shareAtOriginPath = defineObservation('the share at the origin path', isText)
export const shareAtLocalPath = defineObservation('the share at the local path', isText)

/** Looks at nodes. Each records what it sees as an observation. */
export class Looks {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Runs a script on nodes, as root, as the product's user, or as its service, and records what it prints. */
  async run(
    observation: Pick<AnyObservation<string>, 'recordOutput'>,
    nodes: readonly Machine[],
    script: string,
    args: readonly string[] = [],
    as: 'root' | 'product' | 'service' = 'root',
  ): Promise<void> {
    await onAll(nodes, async (node) => {
      const shell = as === 'service' ? node.service : node.shell
      const options = as === 'root' ? {} : { user: this.#scene.siteOf(node).plan.user }
      const { stdout } = await shell.run({ script, args }, options)
      observation.recordOutput(this.#scene.drill.journal, node.where, stdout.trim())
    })
  }

  /** Lists the origin path as the product's user, on the host and in the service. */
  async originPath(nodes: readonly Machine[]): Promise<void> {
    const args = [this.#scene.holdings.originPathOf()]
    await this.run(originPathOnHost, nodes, listing, args, 'product')
    await this.run(originPathInService, nodes, listing, args, 'service')
  }

  /** Reads the images through the origin paths, where the product's service runs. */
  async images(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, async (node) => {
      const seen = await lookThroughOriginPaths(this.#scene, node)
      imagesThroughOriginPath.record(this.#scene.drill.journal, node.where, seen)
    })
  }

  /** Finds the share on top at the origin path, and at the local path. */
  async shares(nodes: readonly Machine[]): Promise<void> {
    for (const node of nodes) {
      const [pair] = this.#scene.holdings.originPairs(this.#scene.siteOf(node).plan)
      for (const [share, path] of [
        [shareAtOriginPath, pair?.origin],
        [shareAtLocalPath, pair?.local],
      ] as const)
        await this.run(share, [node], 'findmnt -nro SOURCE -t nfs,nfs4 -M "$1" | tail -n 1', [path ?? ''])
    }
  }

  /** Reads fstab after an interruption, or after the recovery. */
  async fstab(nodes: readonly Machine[], moment?: Moment): Promise<void> {
    await this.run(fstabAfter(moment), nodes, 'cat /etc/fstab')
  }

  /** Runs `qemu-img info` on every image on a node, as the product's user. */
  async qemuImgInfo(node: Machine): Promise<void> {
    const { drill, holdings } = this.#scene
    const site = this.#scene.siteOf(node)
    const roots = this.#scene.mountPathsOn(site)
    const jobs = holdings.images.map((image) => {
      const path = this.#scene.pathOn(site, image)
      return { id: image.path, argv: describeImage(path), chain: { image: path, roots } }
    })
    const outcomes = await runBatch(node.service, jobs, { part: 'sizing', user: site.plan.user, stallMs: 30_000 })
    for (const [image, { attempt }] of outcomes) {
      const facts = { image, exitCode: attempt.exitCode, stderr: attempt.refusal?.sentence ?? attempt.stderr }
      toolRuns('qemu-img info').recordOutput(drill.journal, node.where, facts)
    }
  }
}

/** `ls` exits with the same code for a missing directory and for one that it cannot read. */
const listing = `
if seen=$(ls -A -- "$1" 2>&1); then
  if [ -n "$seen" ]; then echo filled; else echo empty; fi
else
  case $seen in *'No such file'*) echo missing ;; *) echo "$seen" ;; esac
fi
`
