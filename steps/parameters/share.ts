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

/**
 * An NFS export, as it is configured in the product.
 * @example "10.10.2.20:/upstream"
 */
defineParameterType({ name: 'share', regexp: /"([^"]*)"/, transformer: share, useForSnippets: false })

/**
 * NFS exports.
 * @example "10.10.2.20:/upstream"
 * @example "10.10.2.20:/gold" and "10.10.2.20:/silver"
 */
defineParameterType({
  name: 'shares',
  regexp: new RegExp(quotedList),
  transformer: (list: string) => quotedValues(list).map(share),
  useForSnippets: false,
})

/**
 * The share of the primary site that a workload is backed up to.
 * @shown [ on {share}]
 * @example on "10.10.2.20:/silver"
 */
defineParameterType({
  name: 'onShare',
  regexp: /(?: on "([^"]*)")?/,
  transformer: (text?: string) => (text === undefined ? undefined : share(text)),
  useForSnippets: false,
})

/**
 * The origin path of a share, or one given as a path.
 * @shown [ {string}| of {share}]
 * @example "/var/triliovault-mounts/L3Vwc3RyZWFt"
 * @example of "10.10.2.20:/gold"
 */
defineParameterType({
  name: 'whichOrigin',
  regexp: / of "([^"]*)"| "([^"]*)"|/,
  transformer: (of?: string, path?: string): OriginChoice => ({
    ...(of !== undefined && { share: share(of) }),
    ...(path !== undefined && { path }),
  }),
  useForSnippets: false,
})

/**
 * The share that the origin path is bound to, right or wrong.
 * @shown [ to the share {share}]
 * @example to the share "10.20.2.20:/one"
 */
defineParameterType({
  name: 'toShare',
  regexp: /(?: to the share "([^"]*)")?/,
  transformer: (text?: string) => (text === undefined ? undefined : share(text)),
  useForSnippets: false,
})

/**
 * True if the bind is made again at boot.
 * @shown [ and kept in fstab]
 * @example and kept in fstab
 */
defineParameterType({
  name: 'inFstab',
  regexp: /( and kept in fstab)?/,
  transformer: (text?: string) => text !== undefined,
  useForSnippets: false,
})
