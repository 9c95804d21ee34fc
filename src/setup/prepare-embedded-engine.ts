import { openEngine } from '../lab/engine/open-engine.ts'
import type { SetupStep } from './steps.ts'

/** The step that tries the namespaces of a lab. Nothing can be applied: only an administrator can allow them. */
export function embeddedEngineStep(): SetupStep {
  const check = async () => {
    const { version } = await (await openEngine('embedded')).check()
    return `${version}, namespaces can be created`
  }
  return { name: 'embedded engine', check, announce: check, apply: check }
}
