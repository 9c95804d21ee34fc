import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Shell } from '../../shell/shell.ts'
import { readNode } from '../node/read-node.ts'
import {
  block,
  fstab,
  local,
  makeDirectory,
  origin,
  persist,
  skip,
  usePrivateMounts,
} from './private-mounts.fixture.ts'
import { undoActions } from './undo-actions.ts'

describe('a bind that is kept in fstab', { skip }, () => {
  const { node, outputOf, readFstab, applied } = usePrivateMounts()
  const withLine = Buffer.concat([fstab, Buffer.from(block)])

  it('keeps a line of fstab that existed before, and does not write it twice', async () => {
    await applied([makeDirectory])
    const first = await applied([persist])
    const second = await applied([persist])
    assert.deepEqual(await readFstab(), withLine)
    await undoActions(node, second.begun)
    assert.deepEqual(await readFstab(), withLine)
    await undoActions(node, first.begun)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('replaces fstab as a whole, with its mode and owner, and keeps a copy until it is the same again', async () => {
    await node.run(['ln', '/etc/fstab', '/etc/old'])
    const { begun } = await applied([makeDirectory, persist])
    assert.equal(await outputOf('stat', '-c', '%a %u:%g', '/etc/fstab'), '640 3:4\n')
    // If the file was written in place, its other name would have the new line.
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/old'), 'base64'), fstab)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\nfstab.before-dr-drill\nold\n')
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/fstab.before-dr-drill'), 'base64'), fstab)
    await undoActions(node, begun)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\nold\n')
  })

  it('restores a last line without a newline', async () => {
    await node.run({ script: 'printf "# the end" >>/etc/fstab' })
    const before = await readFstab()
    const { begun } = await applied([makeDirectory, persist])
    assert.equal(
      (await readFstab()).toString('latin1'),
      `${before.toString('latin1')}\n${Buffer.from(block).toString('latin1')}`,
    )
    await undoActions(node, begun)
    assert.deepEqual(await readFstab(), before)
  })

  it('keeps the line, and reports why, if fstab became a symbolic link, was rewritten, or changes meanwhile', async () => {
    const { begun } = await applied([makeDirectory, persist])
    const isKept = async (why: RegExp, shell: Shell = node) => {
      const before = await readFstab()
      await assert.rejects(undoActions(shell, begun), why)
      assert.ok((await readFstab()).includes(before))
    }
    await node.run({ script: 'mv /etc/fstab /etc/real; ln -s real /etc/fstab' })
    await isKept(/the line for .* in \/etc\/fstab is kept: \/etc\/fstab is a symbolic link to real/)
    assert.equal(await outputOf('stat', '-c', '%F %a', '/etc/fstab'), 'symbolic link 777\n')
    await node.run({ script: "rm /etc/fstab; sed -i 's/$/\\r/' /etc/real; mv /etc/real /etc/fstab" })
    await isKept(/is kept: it is not in a block of dr-drill any more/)
    await node.run({ script: "sed -i 's/\\r$//' /etc/fstab" })
    const beforehand = (script: string): Shell => ({
      where: node.where,
      run: (command, options) => node.run(command, options),
      try: async (command, options) => {
        // The program that replaces it, not the one that reads it.
        if (!('script' in command) && command.includes('-c')) await node.run({ script })
        return await node.try(command, options)
      },
    })
    await isKept(/is kept: \/etc\/fstab was changed by another process/, beforehand('echo "# theirs" >>/etc/fstab'))
    await isKept(
      /is kept: \/etc\/fstab is a symbolic link now, or not a file/,
      beforehand('mv /etc/fstab /etc/real; ln -s real /etc/fstab'),
    )
    await node.run({ script: 'mv /etc/real /etc/fstab' })
    await undoActions(node, begun)
    assert.deepEqual(await readFstab(), Buffer.concat([fstab, Buffer.from('# theirs\n')]))
  })

  it('leaves no files beside fstab after a power cut at any moment', async () => {
    const { begun } = await applied([makeDirectory, persist])
    await undoActions(node, begun)
    const cut = 'cp /etc/fstab /etc/fstab.before-dr-drill; echo half >/etc/fstab.before-dr-drill.new'
    await node.run({ script: `${cut}; echo half >/etc/fstab.dr-drill` })
    await undoActions(node, begun)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
    assert.deepEqual(await readFstab(), fstab)
  })

  it('keeps a copy of fstab from before this recovery, not an earlier one', async () => {
    await node.run({ script: 'echo "# of long ago" >/etc/fstab.before-dr-drill' })
    await applied([makeDirectory, persist])
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/fstab.before-dr-drill'), 'base64'), fstab)
  })

  it('binds on a host without fstab, and refuses to keep the bind there', async () => {
    await node.run(['rm', '/etc/fstab'])
    await assert.rejects(applied([persist]), /\/etc\/fstab does not exist/)
    const { whyNotFstab, pairs } = await readNode(node, [{ local, origin }])
    assert.deepEqual([whyNotFstab, pairs[0]?.isKeptInFstab], ['/etc/fstab does not exist', false])
    await undoActions(node, [
      { where: 'node', action: persist, before: {}, inverse: { kind: 'forget', local, origin } },
    ])
    assert.equal(await outputOf('ls', '/etc'), '')
  })

  it('refuses an fstab that is a symbolic link, or has line ends of Windows', async () => {
    await node.run({ script: 'mv /etc/fstab /etc/real; ln -s real /etc/fstab' })
    await assert.rejects(applied([persist]), /cannot keep the bind .*: \/etc\/fstab is a symbolic link to real/)
    await node.run({ script: 'rm /etc/fstab; printf "tmpfs /tmp tmpfs 0 0\\r\\n" >/etc/real; mv /etc/real /etc/fstab' })
    await assert.rejects(applied([persist]), /line 1 of \/etc\/fstab ends with a carriage return/)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
  })

  it('refuses an fstab in which findmnt finds a new error', async () => {
    await assert.rejects(applied([persist]), /findmnt --verify reports .*unreachable/)
    assert.deepEqual(await readFstab(), fstab)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
  })

  it('leaves fstab as it is if it cannot be written', async () => {
    await node.run(['mount', '-o', 'remount,ro', '/etc'])
    try {
      await assert.rejects(applied([persist]), /\/etc\/fstab cannot be written/)
      assert.deepEqual(await readFstab(), fstab)
    } finally {
      await node.run(['mount', '-o', 'remount,rw', '/etc'])
    }
  })
})
