import { Command } from 'commander'
import { Host } from '../inventory/hosts.ts'
import { siteOfInventory } from '../inventory/inventory.ts'
import { type HostReport, probeHosts } from '../inventory/probe.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import { interruptible } from '../run/interrupts.ts'
import { markedTable } from '../text/marked-table.ts'
import { counted } from '../text/plural.ts'
import { printableJson } from '../text/printable.ts'
import { closing, type Mark, type Style, styleOf } from '../text/style.ts'
import { commandForSite } from './site-options.ts'

interface Flags {
  readonly site?: string
  readonly sshConfig?: string
  readonly json?: true
}

/** `hosts`: whether the hosts of an inventory are ready for a recovery. */
export function hostsCommand(): Command {
  return new Command('hosts')
    .argument('<inventory>', 'inventory of sites and their hosts, in YAML')
    .option('--site <name>', 'only the hosts of this site')
    .option(
      '--ssh-config <file>',
      "configuration file for OpenSSH's client (default: the inventory's, or ~/.ssh/config)",
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Changes and installs nothing. A host needs sh, coreutils, util-linux, qemu-img
and python3 (3.6 or later), and root access: by login, or by sudo without a
password. Any login shell that runs commands will do. Its host key must be in
known_hosts.

Examples:
  $ dr-drill hosts site.yaml
  $ dr-drill hosts site.yaml --site recovery --json

Exit codes: 0 all hosts ready, 1 requirement not met, 2 wrong input, 3 unknown,
130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(file: string, { site, sshConfig, json }: Flags): Promise<void> {
  const inventory = readInventory(file)
  const sites = site === undefined ? inventory.sites : [siteOfInventory(inventory, site)]
  using interruption = interruptible()
  const { signal } = interruption
  await using stack = new AsyncDisposableStack()
  const options = { signal, ...(sshConfig !== undefined && { sshConfig }) }
  const hosts = sites.flatMap((one) => one.hosts).map((plan) => stack.use(new Host(plan, options)))
  const reports = await probeHosts(hosts, signal)
  const count = (wanted: HostReport['state']) => reports.filter(({ state }) => state === wanted).length
  const [lacking, unknown] = [count('lacking'), count('unknown')]
  const flags = { inventory: file, ...(site !== undefined && { site }), ...(sshConfig !== undefined && { sshConfig }) }
  const next = lacking + unknown === 0 && sites.length === 1 ? [commandForSite('plan', [], flags)] : []
  const lines = reportLines(reports, styleOf(process.stdout), next)
  process.stdout.write(json === true ? `${printableJson({ hosts: reports })}\n` : `${lines.join('\n')}\n`)
  process.exitCode = lacking > 0 ? 1 : unknown > 0 ? 3 : 0
}

const marks: Readonly<Record<HostReport['state'], Mark>> = { ready: 'passed', lacking: 'failed', unknown: 'unknown' }

function reportLines(reports: readonly HostReport[], style: Style, next: readonly string[]): readonly string[] {
  const lines = markedTable(
    reports.map(({ where, state, problems }) => ({
      mark: marks[state],
      cells: [where, state],
      why: problems.flatMap(({ message, remedy }) => (remedy === undefined ? [message] : [message, `  ${remedy}`])),
    })),
    style,
  )
  const notReady = reports.filter(({ state }) => state !== 'ready')
  if (notReady.length === 0)
    return [...lines, '', ...closing(style, 'passed', `${counted(reports.length, 'host')} ready.`, next)]
  const mark = notReady.some(({ state }) => state === 'lacking') ? 'failed' : 'unknown'
  return [...lines, '', ...closing(style, mark, `${notReady.length} of ${counted(reports.length, 'host')} not ready.`)]
}
