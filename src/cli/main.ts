import { type DrillError, lackOfResources } from '../errors.ts'
import { listenToSignals } from '../run/interrupts.ts'
import { guardOutput } from './output-guard.ts'

// Signals are heard while the program is still loading.
listenToSignals()
try {
  const [{ buildProgram }, { runProgram }] = await Promise.all([import('./program.ts'), import('./run-program.ts')])
  await runProgram(await buildProgram(process.argv.slice(2)))
} catch (error) {
  // The rest of the program may not have been loaded.
  guardOutput(process.stderr)
  // Node.js would exit with 1, which means a failure that was judged.
  const { message, remedy } = lackOfResources(error) ?? (error as DrillError)
  process.stderr.write(`dr-drill: ${message}\n${remedy === undefined ? '' : `  ${remedy}\n`}`)
  process.exitCode = 3
}
