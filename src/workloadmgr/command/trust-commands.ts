import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { InputError } from '../../errors.ts'
import type { CloudTrust } from '../../identity/people.ts'
import { printable } from '../../text/printable.ts'
import { listView, showView } from './output/view.ts'
import { doing, trueOrFalse, viewCommand } from './view-command.ts'
import { requireAdmin, scopeOf } from './visible-rows.ts'

/** Trusts, by which the product acts for users, and its license. */
export function trustCommands(): readonly Command[] {
  return [trustCreate(), trustList(), licenseCreate()]
}

function trustCreate(): Command {
  const command = viewCommand('list', {
    name: 'trust-create',
    summary: 'let the product act with a role in a project',
    notes: `
A failure is printed, and the command exits with 0 all the same, as the
product's does. The proof is trust-list, which must not be empty.

Examples:
  $ workloadmgr trust-create --is_cloud_trust True admin
  $ workloadmgr trust-create member && workloadmgr trust-list`,
  })
    .argument('<role>', 'name of the role')
    .addOption(trueOrFalse('--is_cloud_trust', "trust for the cloud's own work, as administrator"))
  interface Flags {
    readonly is_cloud_trust?: boolean
  }
  return doing(
    command,
    async ({ manager, requester }, role: string, { is_cloud_trust: isCloudTrust = false }: Flags) => {
      if (isCloudTrust) requireAdmin(requester)
      const { createTrust } = await import('../trust/create-trust.ts')
      const { userId, projectId } = requester
      const answer = await createTrust(manager, { userId, projectId, role, isCloudTrust })
      if (answer.status === 200) return trustsView([answer.trust])
      process.stderr.write(`ERROR: ${printable(answer.message)} (HTTP 500)\n`)
      return undefined
    },
  )
}

function trustList(): Command {
  const command = viewCommand('list', {
    name: 'trust-list',
    summary: 'list the trusts of a project',
    notes: '\nExample:\n  $ workloadmgr trust-list -f value -c ID',
  })
  return doing(command, async ({ manager, requester }) => {
    const { listTrusts } = await import('../trust/create-trust.ts')
    return trustsView(await listTrusts(manager, scopeOf(requester, requester.isAdmin)))
  })
}

const trustsView = (trusts: readonly CloudTrust[]) =>
  listView(trusts, {
    ID: ({ id }) => id,
    'User ID': ({ trustorId }) => trustorId,
    'Project ID': ({ projectId }) => projectId,
    Roles: ({ roles }) => roles,
  })

function licenseCreate(): Command {
  const command = viewCommand('show', {
    name: 'license-create',
    summary: 'install the license of the product',
    notes: `
Without a license, no other command works. Without --accept-eula, the command
waits for an answer on standard input. Any file is accepted (assumption: the
format is not public).

Example:
  $ workloadmgr license-create license.key --accept-eula`,
  })
    .argument('<file>', 'file of the license')
    .option('--accept-eula', 'accept the license agreement without a question')
  return doing(command, async ({ manager, requester }, file: string, { acceptEula }: { acceptEula?: true }) => {
    requireAdmin(requester)
    const { createLicense } = await import('../license.ts')
    if (acceptEula !== true) {
      const answer = await answerTo('Do you accept the license agreement (yes/no)? ')
      if (answer.trim().toLowerCase() !== 'yes') throw new InputError('the license agreement was not accepted')
    }
    const { sha256, acceptedAt } = createLicense(manager, file)
    return showView({ file, sha256, accepted_at: acceptedAt })
  })
}

/** Asks a question on standard error. The end of standard input is an empty answer. */
async function answerTo(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr, prompt: question })
  const { promise, resolve } = Promise.withResolvers<string>()
  prompt.once('line', resolve)
  prompt.once('close', () => resolve(''))
  prompt.prompt()
  return promise.finally(() => prompt.close())
}
