/** An origin path with its share, and the local path and share of the same data. */
export interface RunbookPair {
  /** The share that the images were written to, as configured when they were. */
  readonly originShare: string
  readonly originPath: string
  /** The mount path of the same data on this site, and the share that is mounted there. */
  readonly localPath: string
  readonly localShare: string
}

/** The facts for runbooks: the JSON file that `DR_DRILL_FACTS` names. Its fields are public API. */
export interface RunbookFacts {
  readonly version: 1
  readonly site: {
    readonly name: string
    readonly distribution: string
    readonly version: string
    readonly baseDirectory: string
    readonly pathRule: string
    readonly owner: { readonly uid: number; readonly gid: number }
  }
  /** The nodes of the recovered site. SSH and Ansible know them by `name`. */
  readonly nodes: readonly { readonly name: string; readonly role: string; readonly address: string }[]
  readonly paths: readonly RunbookPair[]
  /** This and the following are set on the control host only. */
  readonly sshConfig?: string
  readonly ansibleInventory?: string
  readonly inventory?: string
  /** Folder in which dr-drill records its changes during the drill. */
  readonly records?: string
}

/**
 * Returns the same facts as variables. Those of one origin path are set only if the site has just one: a runbook for one
 * path fails on a site with two, and does not forget one.
 * @param file path of the facts
 * @param node the node that the runbook runs on; undefined for the control host
 */
export function runbookVariables(facts: RunbookFacts, file: string, node?: string): Readonly<Record<string, string>> {
  const [only, ...others] = facts.paths
  return {
    DR_DRILL_FACTS: file,
    DR_DRILL_SITE: facts.site.name,
    DR_DRILL_BASE_DIRECTORY: facts.site.baseDirectory,
    DR_DRILL_NODES: facts.nodes.map(({ name }) => name).join(' '),
    DR_DRILL_PATHS: facts.paths.map(({ localPath, originPath }) => `${localPath} ${originPath}`).join('\n'),
    ...(only !== undefined &&
      others.length === 0 && {
        DR_DRILL_LOCAL_PATH: only.localPath,
        DR_DRILL_LOCAL_SHARE: only.localShare,
        DR_DRILL_ORIGIN_PATH: only.originPath,
        DR_DRILL_ORIGIN_SHARE: only.originShare,
      }),
    ...(node !== undefined && { DR_DRILL_NODE: node }),
    ...(facts.sshConfig !== undefined && { DR_DRILL_SSH_CONFIG: facts.sshConfig }),
    ...(facts.ansibleInventory !== undefined && { DR_DRILL_ANSIBLE_INVENTORY: facts.ansibleInventory }),
    ...(facts.inventory !== undefined && { DR_DRILL_INVENTORY: facts.inventory }),
    ...(facts.records !== undefined && { DR_DRILL_RECORDS: facts.records }),
  }
}
