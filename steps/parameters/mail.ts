import { defineParameterType } from '@cucumber/cucumber'
import type { MailStanding } from '../../src/index.ts'

/**
 * What a mail states about a snapshot.
 * @example restores
 * @example is not proven
 * @example does not restore
 */
defineParameterType({
  name: 'standing',
  regexp: /restores|is not proven|does not restore/,
  transformer: (text: string): MailStanding => text.replace(/^is /, '') as MailStanding,
  useForSnippets: false,
})
