import { join } from 'node:path'
import { LocalShell } from '../../shell/local.ts'
import { OpensshShell } from '../../shell/openssh.ts'
import type { CommandOptions, CommandResult, Shell } from '../../shell/shell.ts'
import { succeeded } from '../../shell/shell.ts'
import type { ManagerConfig } from '../manager-config.ts'

/** The name of the appliance, for what is recorded of its commands. */
const applianceName = 'appliance'

/** A shell of the product's service. Dispose of it to close its connection. */
export interface ServiceShell extends AsyncDisposable {
  readonly shell: Shell
}

/**
 * Opens the shell of the service on the appliance: this process's own machine, unless the service has mounts of its own
 * there. Then an SSH login enters them, as on computes.
 */
export function openApplianceShell(config: ManagerConfig): ServiceShell {
  const { serviceAddress } = config
  if (serviceAddress !== undefined) return login(config, applianceName, serviceAddress)
  const shell = asProduct(new LocalShell(), applianceName, process.getuid?.() === 0)
  return { shell, [Symbol.asyncDispose]: async () => {} }
}

/** Opens the shell of the service on a compute, with the key of the workload manager. */
export function openComputeShell(
  config: ManagerConfig,
  { name, address }: ManagerConfig['computes'][number],
): ServiceShell {
  return login(config, name, address)
}

function login({ stateDirectory }: ManagerConfig, where: string, destination: string): ServiceShell {
  const shell = new OpensshShell({ where, destination, configFile: join(stateDirectory, 'ssh', 'config') })
  return { shell: asProduct(shell, where), [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose]() }
}

/**
 * A shell whose commands run as the product's user already: only root can become another user.
 * @param canBecome true for a process of root, which becomes the product's user for each command
 */
function asProduct(shell: Shell, where: string, canBecome = false): Shell {
  const attempt = async (
    command: Parameters<Shell['try']>[0],
    options: CommandOptions = {},
  ): Promise<CommandResult> => {
    const { user, ...others } = options
    const result = await shell.try(command, canBecome && user !== undefined ? { ...others, user } : others)
    return { ...result, where }
  }
  return { where, try: attempt, run: async (command, options) => succeeded(await attempt(command, options)) }
}
