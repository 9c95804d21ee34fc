import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const titles: Readonly<Record<string, string>> = {
  site: 'Sites, shares and what they are made of',
  backup: 'Backups',
  fault: 'Disasters, faults and mistakes',
  recovery: 'Recovery',
  runbook: "Anyone's own runbook",
  'by-hand': 'What an operator does by hand',
  product: 'What the product does with its shares',
  look: 'Looks at origin paths',
  restore: 'Restores, and claims about them',
  assess: 'Assessments on nodes of a lab',
}

const definition = /\b(Given|When|Then)\(\s*(['"])((?:\\.|(?!\2).)*)\2/gs

/** The page of the guide that lists all steps, by the files that they are written in. */
export function stepsPage(checkout: string): string {
  const files = globSync('steps/*.ts', { cwd: checkout }).map((file) => basename(file, '.ts'))
  const order = Object.keys(titles)
  const known = files.sort((one, other) => place(order, one) - place(order, other) || one.localeCompare(other))
  const sections = known.flatMap((file) => {
    const source = readFileSync(join(checkout, 'steps', `${file}.ts`), 'utf8')
    const steps = [...source.matchAll(definition)].map(([, keyword, , text = '']) => ({
      keyword,
      text: text.replaceAll(/\\(['"])/g, '$1'),
    }))
    if (steps.length === 0) return []
    const lines = steps.map(({ keyword, text }) => `| ${keyword} | \`${text}\` |`)
    return [`## ${titles[file] ?? file}\n\n| | |\n|---|---|\n${lines.join('\n')}\n`]
  })
  return `${head}${sections.join('\n')}\n${values}`
}

function place(order: readonly string[], file: string): number {
  const index = order.indexOf(file)
  return index === -1 ? order.length : index
}

const head = `# All steps

Written from the steps themselves (\`npm run docs\`). \`{…}\` stands for a value, see [values](#values); \`(s)\` and
\`( each)\` may be left out. How steps make a scenario: [Writing a scenario](scenarios.md).

`

const values = `## Values

| | is |
|---|---|
| \`{string}\`, \`{int}\`, \`{float}\` | \`"text"\`, \`3\`, \`4.2\` |
| \`{share}\` | an NFS export as it is configured: \`"10.10.2.20:/upstream"\` |
| \`{topology}\` | a file of the topologies' folder: \`"two-sites.yaml"\` |
| \`{site}\` | \`site "recovery"\`, and if it matters \`of kolla 4.3\`, \`with 1 compute\` or \`with no compute\`, and in brackets what is peculiar: \`(private mounts)\`, \`(mounts on demand)\`, \`(service in a container)\`, \`(with dr-drill)\` |
| \`{node}\` | \`"compute-1"\` of the site that came up last, \`"primary/compute-1"\` |
| \`{nodes}\` | \`every node\`, \`every compute\`, \`every node of "recovery"\`, \`every node of "one" and "other"\`, \`every node of every site\`, \`"compute-1" and "appliance"\` |
| \`{runbook}\` | a command line: \`"./recover.sh --fast"\`, \`"ansible-playbook -i $DR_DRILL_ANSIBLE_INVENTORY recover.yaml"\` |
| \`{restores}\` | \`every restore\`, \`every full snapshot\`, \`every incremental snapshot\`, \`the restore\`, \`snapshot 3 of "web"\`; and if it matters \`of "web"\`, \`on "compute-1"\` |
| \`{sight}\` | \`missing\`, \`empty\` or \`filled\` |
| \`{snapshots}\` | \`every snapshot\`, \`every snapshot of "web"\`, \`snapshot 3 of "web"\`, \`the full snapshot of "web"\` |
| \`{reason}\` | \`the origin path is missing\`, \`the origin path "/var/…" is empty\`, \`the origin path of "10.10.2.20:/gold" is missing\`, \`its parent is missing\`, \`its image is missing\`, \`permission is denied\`, \`an image is not in qcow2 format\`, \`its content is wrong\`, \`the share is not answering\`; and if it matters, where it failed: \`on "appliance"\`, \`there\` |
| \`{whichOrigin}\` | nothing, \` "/var/…"\`, \` of "10.10.2.20:/gold"\` |
| \`{toShare}\`, \`{inFstab}\` | nothing, or \` to the share "10.20.2.20:/one"\`, \` and kept in fstab\` |
`
