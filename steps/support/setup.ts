import { readFileSync } from 'node:fs'
import { defineParameterType, setWorldConstructor } from '@cucumber/cucumber'
import { parseShare, parseTopology } from '../../src/index.ts'
import { DrillWorld } from './world.ts'

setWorldConstructor(DrillWorld)

// Both are taken apart before anything starts, so that what is wrong in a feature is named at once.
defineParameterType({
  name: 'share',
  regexp: /"([^"]*)"/,
  transformer: (text: string) => parseShare(text).text,
  useForSnippets: false,
})

defineParameterType({
  name: 'topology',
  regexp: /"([^"]*\.ya?ml)"/,
  transformer: (file: string) => parseTopology(readFileSync(file, 'utf8'), file),
  useForSnippets: false,
})
