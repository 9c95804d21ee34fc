import { openEngine } from '../lab/engine/open-engine.ts'
import type { Step } from './step.ts'

/** What the embedded engine needs of the machine. There is nothing to do about it: it is so, or an administrator is told. */
export function namespacesStep(): Step {
  const look = async () => {
    const { version } = await (await openEngine('embedded')).check()
    return `${version} lets this user have namespaces of its own`
  }
  return { name: 'embedded engine', isDone: look, announce: look, do: look }
}
