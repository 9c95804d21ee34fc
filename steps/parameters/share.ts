import { defineParameterType } from '@cucumber/cucumber'
import { parseShare } from '../../src/index.ts'
import { quotedList, quotedValues } from './quoted.ts'

/** The origin path that a step is about. */
export interface OriginChoice {
  readonly path?: string
  /** The share whose origin path it is. */
  readonly share?: string
}

const share = (text: string): string => parseShare(text).text

defineParameterType({ name: 'share', regexp: /"([^"]*)"/, transformer: share, useForSnippets: false })

defineParameterType({
  name: 'shares',
  regexp: new RegExp(quotedList),
  transformer: (list: string) => quotedValues(list).map(share),
  useForSnippets: false,
})

defineParameterType({
  name: 'whichOrigin',
  regexp: / of "([^"]*)"| "([^"]*)"|/,
  transformer: (of?: string, path?: string): OriginChoice => ({
    ...(of !== undefined && { share: share(of) }),
    ...(path !== undefined && { path }),
  }),
  useForSnippets: false,
})

defineParameterType({
  name: 'toShare',
  regexp: /(?: to the share "([^"]*)")?/,
  transformer: (text?: string) => (text === undefined ? undefined : share(text)),
  useForSnippets: false,
})

defineParameterType({
  name: 'inFstab',
  regexp: /( and kept in fstab)?/,
  transformer: (text?: string) => text !== undefined,
  useForSnippets: false,
})
