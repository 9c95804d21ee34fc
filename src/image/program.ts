import { readFileSync } from 'node:fs'
import { guard } from '../shell/python.ts'
import { boundsModule } from './bounds.ts'

/** `digest.py`: a program, and a module of others. Prints `DIGEST PATH` for each path. */
export const digestSource = readFileSync(new URL('./digest.py', import.meta.url), 'utf8')

const jsonTextSource = readFileSync(new URL('./json_text.py', import.meta.url), 'utf8')

/** `file_access`: opens plain files only, and describes why a path cannot be read. */
export const fileAccess: Readonly<Record<string, string>> = {
  file_access: readFileSync(new URL('./file_access.py', import.meta.url), 'utf8'),
}

/** Reads headers as QEMU does: `qcow2_header`. */
export const headerModules: Readonly<Record<string, string>> = {
  qcow2_header: readFileSync(new URL('./qcow2_header.py', import.meta.url), 'utf8'),
}

/** What looks at paths under a deadline: `bounded` looks at each in a process of its own. */
export const boundedAccess: Readonly<Record<string, string>> = {
  ...fileAccess,
  bounded: readFileSync(new URL('./bounded.py', import.meta.url), 'utf8'),
}

/** What a program that opens images needs: `image_chain` refuses chains, and `bounds` limits what opens the others. */
export const readerModules: Readonly<Record<string, string>> = {
  ...headerModules,
  image_chain: readFileSync(new URL('./image_chain.py', import.meta.url), 'utf8'),
  bounds: boundsModule,
}

/**
 * One Python program for standard input (`python3 -`), so that nothing is installed on a node. `modules` are sources by
 * name, in the order in which they import each other; `digest` and `json_text` are always included (python3-minimal has
 * no `json`). Calls `main` of the last one with `input`, which may be longer than a command line.
 * An exception that it does not handle becomes one sentence: see `programSucceeded`.
 */
export function program(modules: Readonly<Record<string, string>>, input: unknown): string {
  const all = Object.entries({ digest: digestSource, json_text: jsonTextSource, ...modules })
  const last = all.at(-1)?.[0]
  // JSON of strings, numbers, lists and objects is valid Python. null and booleans get definitions.
  return `${guard}import types
null, true, false = None, True, False
for name, source in ${JSON.stringify(all)}:
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name + '.py', 'exec'), module.__dict__)
sys.exit(sys.modules[${JSON.stringify(last)}].main(${JSON.stringify(input)}))
`
}
