import { Given } from '@cucumber/cucumber'
import type { DrillWorld } from '../../steps/support/world.ts'

Given(
  'an operator mounts something else at the origin path on {node}',
  async function (this: DrillWorld, node: string) {
    const { shell } = this.rehearsal.node(node)
    await shell.run({
      script: 'mkdir -p -- "$1"; mount -t tmpfs none "$1"; : >"$1/not yours"',
      args: [this.rehearsal.originPath],
    })
  },
)
