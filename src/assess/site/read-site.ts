import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { check, parseYaml } from '../../input/schema-check.ts'
import type { SiteDescription } from './site-description.ts'

const siteSchema = z.strictObject({
  name: z.string().optional(),
  distribution: z.string().optional(),
  version: z.union([z.string(), z.number()]).transform(String).optional(),
  rule: z.enum(['share', 'export']).optional(),
  base: z.string().optional(),
  shares: z.array(z.string()).optional(),
  binds: z.array(z.strictObject({ origin: z.string(), share: z.string() })).optional(),
})

/**
 * Reads the description of a site from a file.
 * @throws InputError that names what is wrong
 */
export function readSite(file: string): SiteDescription {
  let yaml: string
  try {
    yaml = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new InputError(`${file}: ${(cause as Error).message}`, { cause })
  }
  return Object.fromEntries(
    Object.entries(check(siteSchema, parseYaml(yaml, file), file)).filter(([, value]) => value !== undefined),
  )
}
