import { z } from 'zod'
import { inventorySchema } from '../inventory/inventory-schema.ts'
import { journalEntrySchema } from '../journal/journal-schema.ts'
import { topologySchema } from '../lab/topology/topology-schema.ts'
import { configSchema } from './config.ts'

/** JSON Schemas for editors, by file name in `dr-drill/schema/`. */
export const schemas: Readonly<Record<string, object>> = {
  'config.json': { title: 'Configuration of a dr-drill project', ...schemaOf(configSchema) },
  'inventory.json': {
    title: 'Inventory for dr-drill: sites and their hosts',
    ...schemaOf(inventorySchema),
  },
  'journal.json': {
    title: 'One line of a journal of dr-drill, journal.ndjson, format 1',
    ...schemaOf(journalEntrySchema),
  },
  'topology.json': {
    title: 'Topology for dr-drill: NFS shares, and the sites that mount them',
    ...schemaOf(topologySchema),
  },
}

function schemaOf(schema: z.ZodType): object {
  // Editors support draft 7 best. Keys with a default are optional in input.
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
}
