/** What a new project is made of: names of files, and what is in them. */
export function projectFiles(
  name: string,
  dependencies: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const manifest = {
    name,
    private: true,
    type: 'module',
    scripts: { drill: 'dr-drill run', test: 'dr-drill run --dry-run' },
    devDependencies: dependencies,
  }
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'dr-drill.config.yaml': config,
    'topologies/two-sites.yaml': topology,
    'features/first-drill.feature': feature,
    'steps/own.ts': steps,
    '.gitignore': 'node_modules/\nreports/\n',
    'README.md': readme(name),
  }
}

const editor = (schema: string): string => `# yaml-language-server: $schema=${schema}\n`

const config = `${editor('node_modules/dr-drill/dist/schema/config.json')}# Options of the command line win over what is said here.
features: [features]
steps: [dr-drill/steps, steps]
topologies: topologies
engine: auto # container, embedded
reports: reports
objectives:
  recoveryTime: 15m # recovery, and the restores after it
`

const topology = `${editor('../node_modules/dr-drill/dist/schema/topology.json')}# The first site backs up; restores are made on the last.
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

  Scenario: The primary site is lost, and all is restored on the other one
    Given a lab with the topology "two-sites.yaml"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 2 incremental snapshots
    And the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
    And site "primary" is lost
    When the origin path is bound on every node
    And every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When the owner of the backups is looked at on "compute-1"
    Then the owner of the backups is "162:162"
`

const steps = `// Steps of this project's own, beside those of dr-drill. Node runs TypeScript as it is.
import { Then, When } from '@cucumber/cucumber'
import { defineObservation, isText } from 'dr-drill'
import type { DrillWorld } from 'dr-drill/steps'

const owner = defineObservation('the owner of the backups', isText)

// Given and When act, and record what they see …
When('the owner of the backups is looked at on {string}', async function (this: DrillWorld, node: string) {
  const paths = this.rehearsal.site.plan.shares.map(({ mountPath }) => mountPath)
  await this.rehearsal.observe(owner, [this.rehearsal.node(node)], 'stat -c %u:%g "$1"', paths)
})

// … and Then judges what was recorded.
Then('the owner of the backups is {string}', function (this: DrillWorld, facts: string) {
  this.drill.judge(owner.is, { facts })
})
`

const readme = (name: string): string => `# ${name}

Disaster-recovery drills with dr-drill.

- \`npm install\`, then \`npm run drill\`; \`npx dr-drill run --help\` has more.
- \`features/\`: what must hold, one behaviour a file. \`npx dr-drill run features/first-drill.feature:3\` runs one.
- \`steps/\`: steps of your own; \`npx dr-drill run --dry-run\` checks that every step is known.
- \`topologies/\`: the sites, shares and machines that features bring up.
- \`dr-drill.config.yaml\`: where all that is, which engine, and how long recovery may take.
- \`reports/latest/summary.md\`: how the last run came out.
`
