import { openEngine } from '../lab/engine/open-engine.ts'
import type { SetupStep } from './steps.ts'

/** The step that checks for user namespaces. Nothing can be applied: only an administrator can allow them. */
export function embeddedEngineStep(): SetupStep {
  const check = async () => {
    const { version } = await (await openEngine('embedded')).check()
    return `${version}, user namespaces allowed`
  }
  return { name: 'embedded engine', check, announce: check, apply: check }
}
