import { after, before, describe } from 'node:test'
import { inputContract } from './input.contract.ts'
import { outputContract } from './output.contract.ts'
import { resultsContract } from './results.contract.ts'
import type { Shell } from './shell.ts'
import { stoppingContract } from './stopping.contract.ts'

export type ContractedShell = Shell & Partial<AsyncDisposable>

/** Tests that every shell must pass. `makeShell` returns one on a host with POSIX tools, coreutils and util-linux. */
export function shellContract(name: string, makeShell: () => Promise<ContractedShell>): void {
  describe(`${name} (shell contract)`, () => {
    let shell: ContractedShell
    before(async () => {
      shell = await makeShell()
    })
    after(() => shell[Symbol.asyncDispose]?.())

    resultsContract(() => shell)
    inputContract(() => shell)
    outputContract(() => shell)
    stoppingContract(() => shell)
  })
}
