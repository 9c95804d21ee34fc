import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { describe, it } from 'node:test'
import { planScript } from './plan-script.ts'
import { skip, statesOf, usePrivateSite } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import { previewUndo, undo } from './undo.ts'

describe('a rebase of a site', { skip }, () => {
  const site = usePrivateSite()
  const images = [1, 2].map((index) => `${site.data}/${site.image(index)}`)

  function mark(image: string | undefined, bits: number): void {
    const file = openSync(image ?? '', 'r+')
    writeSync(file, Uint8Array.of(bits), 0, 1, 79)
    closeSync(file)
  }

  /** Makes `qemu-img` of the first node fail for one image, and only when it renames the parent of the image itself. */
  async function breakQemu(what: string): Promise<void> {
    await site.nodes[0]?.output(`cp "$(command -v qemu-img)" /run/real
      cat >/run/broken <<'EOF'
#!/bin/sh
case "$*" in *rebase*${what}) ${what === '*' ? '' : 'echo "no space" >&2;'} exit 1;; esac
exec /run/real "$@"
EOF
      chmod 755 /run/broken; mount --bind /run/broken "$(command -v qemu-img)"`)
  }

  it('names an image that is marked as corrupt in the plan, and changes none', async () => {
    mark(images[1], 2)
    try {
      const before = site.targetState()
      const { plan, images: found } = await site.plan(site.nodes, 'rebase')
      assert.deepEqual(
        plan.nodes.flatMap(({ actions }) => actions),
        [],
      )
      const [refusal] = plan.nodes[0]?.refusals ?? []
      assert.match(refusal?.why ?? '', /image-2: it is marked as corrupt/)
      assert.match(refusal?.remedy ?? '', /qemu-img check -r all/)
      assert.deepEqual(
        statesOf(await recover(site.hosts(), plan, found, site.options('none'))),
        Array(3).fill('failed'),
      )
      assert.equal(site.targetState(), before)
    } finally {
      mark(images[1], 0)
    }
  })

  it('changes no image, by recovering or as a script, if one was marked after the plan was made', async () => {
    const { plan, images: found } = await site.plan(site.nodes, 'rebase')
    mark(images[1], 2)
    try {
      const before = site.targetState()
      const results = await recover(site.hosts(), plan, found, site.options('none'))
      assert.deepEqual(statesOf(results), Array(3).fill('failed'))
      assert.match(results[0]?.why ?? '', /image-2: it is marked as corrupt/)
      const script = planScript(plan)
      const end = await site.nodes[0]?.shell.try({ script, args: ['a/appliance'] })
      assert.equal(end?.exitCode, 1)
      assert.match(end?.stderr ?? '', /image-2 is marked as corrupt or dirty/)
      assert.equal(site.targetState(), before)
      assert.deepEqual(await undo(site.hosts(), site.options()), [])
    } finally {
      mark(images[1], 0)
    }
  })

  it('restores the names that it has changed if one cannot be, and reports where it stopped', async () => {
    const { plan, images: found } = await site.plan(site.nodes, 'rebase')
    await breakQemu(`*${site.local}*image-1*image-2`)
    const names = () => images.map((path) => execFileSync('qemu-img', ['info', path], { encoding: 'utf8' }))
    const before = names()
    const results = await recover(site.hosts(), plan, found, { ...site.options('none'), concurrency: 1 })
    assert.equal(results[0]?.state, 'failed')
    assert.match(results[0]?.why ?? '', /stopped at \S+image-2: no space\. Undo is complete: 1 change undone there\.$/)
    assert.deepEqual(names(), before)
    assert.deepEqual(await previewUndo(site.hosts(), site.options()), [])
  })
})
