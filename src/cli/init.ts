import { join } from 'node:path'
import { Command } from 'commander'
import { initProject } from '../project/init.ts'

/** `init`: a project of one's own. */
export function initCommand(): Command {
  return new Command('init')
    .description("write a small project of one's own: a first drill, a topology, a step, a configuration")
    .argument('[dir]', 'its folder, which need not exist', '.')
    .option('--package <spec>', 'what npm installs dr-drill from: a version or a file (default: this version)')
    .addHelpText(
      'after',
      `
Nothing that is there is overwritten: if a file of the project exists, it is named and nothing is written. A
package.json is left as it is, so that dr-drill may be installed before; what it lacks is said.

Examples:
  $ npm install --save-dev dr-drill && npx dr-drill init       in the folder that it was installed in
  $ npm install --save-dev ./dr-drill-0.1.0.tgz && npx dr-drill init   the same, from a file that npm pack made
  $ dr-drill init drills                                       in a folder of its own
  $ ./drill init ../drills --package dr-drill-0.1.0.tgz        from a checkout, after npm pack

Exit codes: 0 it is written, 2 something is there already, or cannot be written.`,
    )
    .action((folder: string, { package: from }: { package?: string }) => {
      const { written, next } = initProject(folder, from)
      for (const name of written) process.stdout.write(`wrote ${join(folder, name)}\n`)
      process.stdout.write(`\nNext:\n${next.map((line) => `  ${line}\n`).join('')}`)
    })
}
