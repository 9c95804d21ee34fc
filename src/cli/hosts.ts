import { Command } from 'commander'
import { Host } from '../inventory/hosts.ts'
import { siteOfInventory } from '../inventory/inventory.ts'
import { type HostReport, probeHosts } from '../inventory/probe.ts'
import { readInventory } from '../inventory/read-inventory.ts'

interface Flags {
  readonly site?: string
  readonly sshConfig?: string
  readonly json?: true
}

/** `hosts`: whether the hosts of an inventory can be worked with. */
export function hostsCommand(): Command {
  return new Command('hosts')
    .description('try the hosts of an inventory: can they be entered, as root, and do they have what recovery needs?')
    .argument('<inventory>', 'YAML: sites, and the hosts that they are made of')
    .option('--site <name>', 'only the hosts of this site')
    .option('--ssh-config <file>', "for ssh, instead of the inventory's, or ~/.ssh/config")
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
Nothing is changed or installed. A host needs sh, coreutils, util-linux, qemu-img and python3, and root: by login, or by
sudo without a password. Its key must be known (known_hosts).

Examples:
  $ dr-drill hosts site.yaml
  $ dr-drill hosts site.yaml --site recovery --json

Exit codes: 0 all are ready, 1 one lacks something, 2 wrong input, 3 one could not be told. 1 wins over 3.`,
    )
    .action(async (file: string, { site, sshConfig, json }: Flags) => {
      const inventory = readInventory(file)
      const sites = site === undefined ? inventory.sites : [siteOfInventory(inventory, site)]
      await using stack = new AsyncDisposableStack()
      const options = sshConfig === undefined ? {} : { sshConfig }
      const hosts = sites.flatMap((one) => one.hosts).map((plan) => stack.use(new Host(plan, options)))
      const reports = await probeHosts(hosts)
      process.stdout.write(json === true ? `${JSON.stringify({ hosts: reports })}\n` : reports.map(describe).join(''))
      const states = new Set(reports.map(({ state }) => state))
      process.exitCode = states.has('lacking') ? 1 : states.has('unknown') ? 3 : 0
    })
}

const marks: Readonly<Record<HostReport['state'], string>> = { ready: '✔', lacking: '✘', unknown: '?' }

function describe({ where, state, problems }: HostReport): string {
  if (problems.length === 0) return `${marks[state]} ${where}\n`
  return problems
    .map(({ message, remedy }) => `${marks[state]} ${message}\n${remedy === undefined ? '' : `  ${remedy}\n`}`)
    .join('')
}
