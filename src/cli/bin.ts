#!/usr/bin/env node
// What npm links as `dr-drill`. An old Node cannot even read the rest, so this is written for any.
const major = Number(process.versions.node.split('.')[0])
if (major === 24 || major >= 26) {
  await import('./main.ts')
} else {
  process.stderr.write(
    `dr-drill: Node 24, or 26 and later, is needed, and this is ${process.version}\n` +
      '  npm install --save-dev node@24   (npx and npm scripts of the project use that one)\n',
  )
  process.exitCode = 3
}
