import { defineParameterType } from '@cucumber/cucumber'
import { parseRunbook } from '../../src/index.ts'
import type { Reading } from './reading.ts'

/**
 * A command line. Its first word is a program, or an executable file of the project.
 * @example "./recover.sh --fast"
 * @example "ansible-playbook -i $DR_DRILL_ANSIBLE_INVENTORY recover.yaml"
 */
defineParameterType({
  name: 'runbook',
  regexp: /"([^"]*)"/,
  transformer(this: Reading, line: string) {
    return parseRunbook(line, this?.parameters?.project ?? process.cwd())
  },
  useForSnippets: false,
})
