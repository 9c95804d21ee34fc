import { defineParameterType } from '@cucumber/cucumber'
import { parseRunbook } from '../../src/index.ts'
import type { Reading } from './reading.ts'

defineParameterType({
  name: 'runbook',
  regexp: /"([^"]*)"/,
  transformer(this: Reading, line: string) {
    return parseRunbook(line, this?.parameters?.project ?? process.cwd())
  },
  useForSnippets: false,
})
