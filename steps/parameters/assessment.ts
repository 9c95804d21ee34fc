import { defineParameterType } from '@cucumber/cucumber'

/**
 * Options of `dr-drill assess`.
 * @shown [ with {string}]
 * @example with "--depth content --concurrency 4"
 */
defineParameterType({
  name: 'withOptions',
  regexp: /(?: with "([^"]*)")?/,
  transformer: (options?: string): readonly string[] => options?.split(' ') ?? [],
  useForSnippets: false,
})
