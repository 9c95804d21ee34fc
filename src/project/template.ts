import { fault, steps, verdict, verdictTest } from './template-code.ts'

/** Returns the files of a new project: name → content. */
export function projectFiles(
  name: string,
  dependencies: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const manifest = {
    name,
    private: true,
    type: 'module',
    scripts: { drill: 'dr-drill run', test: 'node --test && dr-drill run --dry-run' },
    devDependencies: dependencies,
  }
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'dr-drill.config.yaml': config,
    'topologies/two-sites.yaml': topology,
    'features/first-drill.feature': feature,
    'faults/read-only-shares.mts': fault,
    'verdicts/restore-time.mts': verdict,
    'verdicts/restore-time.test.mts': verdictTest,
    'steps/own.mts': steps,
    '.gitignore': 'node_modules/\nreports/\n',
    'README.md': readme(name),
  }
}

const editor = (schema: string): string => `# yaml-language-server: $schema=${schema}\n`

const config = `${editor('node_modules/dr-drill/dist/schema/config.json')}# Options of the command line override these values.
features: [features]
steps: [dr-drill/steps, steps]
topologies: topologies
engine: auto # container, embedded
reports: reports
objectives:
  recoveryTime: 15m # recovery and the restores after it together
`

const topology = `${editor('../node_modules/dr-drill/dist/schema/topology.json')}# The first site writes the backups. Restores run on the last one.
shares:
  - share: 10.10.2.20:/upstream
  - share: 10.20.2.20:/replica
sites:
  - name: primary
    distribution: juju
    version: "4.1"
    shares: ["10.10.2.20:/upstream"]
    nodes:
      - { name: appliance, role: appliance }
      - { name: compute-1, role: compute }
  - name: recovery
    distribution: juju
    version: "4.1"
    shares: ["10.20.2.20:/replica"]
    nodes:
      - { name: appliance, role: appliance }
      - { name: compute-1, role: compute }
`

const feature = `Feature: The first drill

  Scenario: The primary site is lost, and a read-only replica restores all backups
    Given a lab with the topology "two-sites.yaml"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
    And the shares of site "recovery" are read-only
    And site "primary" is lost
    When the origin path is bound on every node
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    And each restore took at most 60 s
`

const readme = (name: string): string => `# ${name}

Disaster-recovery drills with dr-drill.

| command | does |
|---|---|
| \`npx dr-drill run\` | runs all drills. \`npx dr-drill run --help\` lists the options |
| \`npx dr-drill run --dry-run\` | checks the features: every step is defined, every value is valid |
| \`npm exec -c 'node --test'\` | tests the verdicts of this project |

| file | holds |
|---|---|
| \`features/first-drill.feature\` | the first drill. One behavior a file |
| \`faults/read-only-shares.mts\` | a fault of your own |
| \`verdicts/restore-time.mts\` | a verdict of your own. Its test is beside it |
| \`steps/own.mts\` | the steps that use them |
| \`topologies/two-sites.yaml\` | the sites, shares and machines that the drill brings up |
| \`dr-drill.config.yaml\` | folders, engine and objectives |
| \`reports/latest/summary.md\` | the result of the last run |
`
