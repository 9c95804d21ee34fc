/** An origin path, what of it is where on the site, and the share that it stands for. */
export interface RunbookPair {
  /** As the product encoded it: what the images were written to. */
  readonly originShare: string
  readonly originPath: string
  /** Where the same data is mounted on this site, and as which share. */
  readonly localPath: string
  readonly localShare: string
}

/** What anyone's runbook is told: the JSON file that `DR_DRILL_FACTS` names. Its fields are public API. */
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
  /** Those of the site that is recovered; `name` is what ssh and Ansible know them by. */
  readonly nodes: readonly { readonly name: string; readonly role: string; readonly address: string }[]
  readonly paths: readonly RunbookPair[]
  /** On the control host only. */
  readonly sshConfig?: string
  readonly ansibleInventory?: string
  readonly inventory?: string
  /** Where dr-drill records what it does, as long as the drill lasts. */
  readonly records?: string
}

/**
 * The same as variables. What there may be several of is one only where there is one: a runbook that knows of one origin
 * path should fail on a site with two, not forget one.
 * @param file where the facts are
 * @param node that it runs on, unless that is the control host
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
