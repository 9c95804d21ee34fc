import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Given, When } from '@cucumber/cucumber'
import type { DrillWorld } from '../../steps/support/world.ts'
import { DrillProcess } from './drill-process.ts'

/** The project that a scenario is about. */
const projects = new WeakMap<DrillWorld, string>()

const feature = (topology: string) => `Feature: One drill

  Scenario: A site mounts its share
    Given a lab with the topology "${topology}"
    When the NFS mounts on every node of "primary" are recorded
    Then every node has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
`

const topology = `shares:
  - share: 10.10.2.20:/upstream
sites:
  - name: primary
    distribution: juju
    version: "4.1"
    shares: ["10.10.2.20:/upstream"]
    nodes:
      - { name: appliance, role: appliance }
      - { name: compute-1, role: compute }
`

function write(world: DrillWorld, file: string, content: string): void {
  const path = join(folderOf(world), file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function folderOf(world: DrillWorld): string {
  const folder = projects.get(world)
  if (folder === undefined) throw new Error('there is no project yet')
  return folder
}

Given('a project whose feature uses the topology {string}', function (this: DrillWorld, name: string) {
  const folder = mkdtempSync(join(tmpdir(), 'dr-drill-project-'))
  this.drill.own({ [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) })
  projects.set(this, folder)
  write(this, 'features/drill.feature', feature(name))
  write(this, `topologies/${name}`, topology)
})

Given('its file {string} contains {string}', function (this: DrillWorld, file: string, content: string) {
  write(this, file, `${content}\n`)
})

Given(
  'its file {string} has {string} replaced by {string}',
  function (this: DrillWorld, file: string, old: string, now: string) {
    const text = readFileSync(join(folderOf(this), file), 'utf8')
    if (!text.includes(old)) throw new Error(`there is no "${old}" in ${file}`)
    write(this, file, text.replace(old, now))
  },
)

When('dr-drill runs the project', async function (this: DrillWorld) {
  await (await DrillProcess.startIn(this.drill, folderOf(this), [])).observeEnd()
})

When('dr-drill checks the project with --dry-run', async function (this: DrillWorld) {
  await (await DrillProcess.startIn(this.drill, folderOf(this), ['--dry-run'])).observeEnd()
})
