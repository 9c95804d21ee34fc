import { cloudFileText } from '../../identity/cloud-file.ts'
import type { DescribedCloud } from '../../identity/described-cloud.ts'
import { quoteWord } from '../../shell/quote.ts'
import type { SitePlan } from '../topology/site-plan.ts'

/** The file with the people of the site's cloud, on its appliance. */
export const cloudFileOnAppliance = '/etc/dr-drill/cloud.json'
/** The configuration of the workload manager, on its appliance. */
export const managerConfigFile = '/etc/dr-drill/workloadmgr.json'
/** Accepted when a site comes up. Any file is a license: the format is not public. */
export const licenseFile = '/etc/dr-drill/license'
/** The state of the workload manager. It is lost with the appliance. */
export const managerState = '/var/lib/workloadmgr'
/** The folder with the configuration of ssh that leads to the nodes of the site: `ssh -F FOLDER/config ADDRESS`. */
const sshFolder = `${managerState}/ssh`

/** A file on a node. */
export interface NodeFile {
  readonly path: string
  readonly content: string
}

/** Returns the configuration of a site's workload manager. The first share of the site is the default target. */
function managerConfigOf({ name, version, user, shares, nodes, container }: SitePlan) {
  const appliance = nodes.find(({ role }) => role === 'appliance')
  return {
    site: name,
    version,
    cloudFile: cloudFileOnAppliance,
    stateDirectory: managerState,
    user: { uid: user.uid, gid: user.gid },
    targets: shares.map(({ share, mountPath }, nth) => ({
      name: `target-${nth + 1}`,
      type: 'nfs',
      share: share.text,
      mountPath,
      isDefault: nth === 0,
    })),
    computes: nodes.filter(({ role }) => role === 'compute').map(({ name, address }) => ({ name, address })),
    ...(container && appliance && { serviceAddress: appliance.address }),
  }
}

/** Returns the configuration file of a site's workload manager. */
export function configFileOf(plan: SitePlan): NodeFile {
  return { path: managerConfigFile, content: `${JSON.stringify(managerConfigOf(plan), null, 2)}\n` }
}

/** Returns the files of an appliance that every user can read. */
export function publicFilesOf(plan: SitePlan, cloud: DescribedCloud): readonly NodeFile[] {
  return [
    configFileOf(plan),
    { path: cloudFileOnAppliance, content: cloudFileText(cloud) },
    { path: licenseFile, content: `This license is for site ${plan.name} of a lab.\n` },
  ]
}

/**
 * Returns the files that only root can read: the environment of an administrator, and that of each user in each project
 * in which the user has a role.
 */
export function openrcFilesOf({ people }: DescribedCloud): readonly NodeFile[] {
  const domain = (id: string) => people.domains.find((one) => one.id === id)?.name ?? id
  const pairs = people.users.flatMap((user) =>
    people.projects
      .filter(({ id }) => people.assignments.some((one) => one.userId === user.id && one.projectId === id))
      .map((project) => ({ user, project })),
  )
  const admin = { name: 'admin', user: 'admin', project: 'admin', domains: ['Default', 'Default'] as const }
  const requesters = [
    { ...admin, file: '/root/admin-openrc' },
    ...pairs.map(({ user, project }) => ({
      file: `/root/openrc-${fileName(user.name)}-${fileName(project.name)}`,
      user: user.name,
      project: project.name,
      domains: [domain(user.domainId), domain(project.domainId)] as const,
    })),
  ]
  return withoutClashes(
    requesters.map(({ file, user, project, domains: [ofUser, ofProject] }) => ({
      path: file,
      content: [
        '# The lab does not check passwords.',
        `export OS_USERNAME=${quoteWord(user)}`,
        `export OS_PROJECT_NAME=${quoteWord(project)}`,
        `export OS_USER_DOMAIN_NAME=${quoteWord(ofUser)}`,
        `export OS_PROJECT_DOMAIN_NAME=${quoteWord(ofProject)}`,
        '',
      ].join('\n'),
    })),
  )
}

/** Returns the files of the product's user that lead to all nodes of its site over the storage network. */
export function sshFilesOf({ nodes }: SitePlan, privateKey: string, hostPublicKey: string): readonly NodeFile[] {
  const hosts = nodes.map(({ name, address }) =>
    [`Host ${name} ${address}`, `  HostName ${address}`, `  HostKeyAlias ${address}`].join('\n'),
  )
  const everywhere = [
    'Host *',
    '  User root',
    `  IdentityFile ${sshFolder}/id_ed25519`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${sshFolder}/known_hosts`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '  ConnectTimeout 20',
  ]
  return [
    { path: `${sshFolder}/id_ed25519`, content: privateKey },
    {
      path: `${sshFolder}/known_hosts`,
      content: nodes.map(({ address }) => `${address} ${hostPublicKey}\n`).join(''),
    },
    { path: `${sshFolder}/config`, content: [...hosts, ...everywhere, ''].join('\n') },
  ]
}

/** Names of users and projects may contain any character. */
const fileName = (name: string): string => name.replace(/[^\w.@-]/gu, '_')

/** Adds a number to paths that are used already: names can be the same in two domains. */
function withoutClashes(files: readonly NodeFile[]): readonly NodeFile[] {
  const counts = new Map<string, number>()
  return files.map(({ path, content }) => {
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    return { path: count === 1 ? path : `${path}-${count}`, content }
  })
}
