import { makeKeyPair } from '../../shell/key-pair.ts'
import { quoteWord } from '../../shell/quote.ts'
import type { User } from '../../shell/shell.ts'
import type { Site } from '../site.ts'
import { managerInGuest } from '../tool/tool-disk.ts'
import {
  configFileOf,
  licenseFile,
  managerConfigFile,
  managerState,
  type NodeFile,
  openrcFilesOf,
  publicFilesOf,
  sshFilesOf,
} from './manager-files.ts'

/**
 * Sets the workload manager of a new site up: its program, configuration and state on the appliance, and the way from
 * there to all nodes. Does nothing for a site without a cloud. A power cut loses nothing of it.
 * @param hostPublicKey the key that all machines of the lab show
 * @throws CommandError
 */
export async function setUpManager({ plan, appliance, computes }: Site, hostPublicKey: string): Promise<void> {
  const { cloud, user } = plan
  if (cloud === undefined) return
  const { privateKey, publicKey } = makeKeyPair('workload manager')
  const owned = `${user.uid}:${user.gid}`
  const onEveryNode = `
mkdir -p /root/.ssh /usr/local/sbin ${instances}
chown ${owned} ${instances}
umask 077
${writing([{ path: '/root/.ssh/authorized_keys', content: `restrict,command="${asProduct}" ${publicKey}\n` }])}
${writing([{ path: asProduct, content: asProductText(user) }])}
chmod 700 ${asProduct}`
  const onAppliance = `
mkdir -p /etc/dr-drill ${managerState}/ssh /usr/local/bin
umask 022
${writing(publicFilesOf(plan, cloud))}
umask 077
${writing(openrcFilesOf(cloud))}
${writing(sshFilesOf(plan, privateKey, hostPublicKey))}
ln -sfn ${managerInGuest} /usr/local/bin/workloadmgr
# OpenSSH refuses users without a name.
echo 'nova:x:${owned}::${managerState}:/bin/sh' >>/etc/passwd
chmod 700 ${managerState}
chown -R ${owned} /etc/dr-drill ${managerState}
workloadmgr license-create ${licenseFile} --accept-eula >/dev/null`
  await Promise.all([
    appliance.shell.run({ script: `${onAppliance}\n${onEveryNode}\nsync` }),
    ...computes.map(({ shell }) => shell.run({ script: `${onEveryNode}\nsync` })),
  ])
}

/**
 * Writes the configuration of a site's workload manager again, after a change to the site. Does nothing for a site without a
 * cloud.
 * @throws CommandError
 */
export async function renewManagerConfig({ plan, appliance }: Pick<Site, 'plan' | 'appliance'>): Promise<void> {
  if (plan.cloud === undefined) return
  const { content } = configFileOf(plan)
  const half = `${managerConfigFile}.new`
  await appliance.shell.run({
    script: `printf %s ${quoteWord(content)} >${half}; mv ${half} ${managerConfigFile}; sync`,
  })
}

/** The folder of restored instances on computes. */
const instances = '/srv/instances'
/** The only program that the key of the workload manager starts on nodes. */
const asProduct = '/usr/local/sbin/as-product'

/** Becomes the command of an SSH client, as the product's service runs it: with its user and its mounts. */
const asProductText = ({ uid, gid }: User): string => `#!/bin/sh
export HOME=/
cd /
set -- setpriv --reuid ${uid} --regid ${gid} --clear-groups -- sh -c "$SSH_ORIGINAL_COMMAND"
[ ! -e /run/dr-drill/service ] || set -- nsenter --mount=/run/dr-drill/service -- "$@"
exec "$@"
`

/** Writes files with the shell's own `printf`, which takes no process. */
function writing(files: readonly NodeFile[]): string {
  return files.map(({ path, content }) => `printf %s ${quoteWord(content)} >${quoteWord(path)}`).join('\n')
}
