// Node 20 has to be able to run this file.

/** True if dr-drill runs on this version of Node, e.g. `v24.1.0`. The `engines` of package.json are the same. */
export function isSupportedNode(version: string): boolean {
  const major = majorOf(version)
  return major === 24 || major >= 26
}

/** True if `init` runs on this version of Node, although nothing else does. */
export function isNodeForInit(version: string): boolean {
  return majorOf(version) >= 20
}

/** The npm package that holds Node itself for this machine. It needs no install script. */
export const nodePackage = {
  name: `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
  range: '^24',
}

/** The command that gives a project a supported Node: npx and npm scripts of the project use it. */
export const installNode = `npm install --save-dev ${nodePackage.name}@${nodePackage.range.slice(1)}`

function majorOf(version: string): number {
  return Number(version.replace(/^v/, '').split('.')[0])
}
