import { z } from 'zod'
import { inventorySchema } from '../inventory/inventory.ts'
import { topologySchema } from '../lab/topology/topology-schema.ts'
import { configSchema } from './config.ts'

/** JSON Schemas for editors, by the name of the file in `dr-drill/schema/`. */
export const schemas: Readonly<Record<string, object>> = {
  'config.json': { title: 'The configuration of a dr-drill project', ...schemaOf(configSchema) },
  'inventory.json': {
    title: 'An inventory for dr-drill: sites, and the hosts they are made of',
    ...schemaOf(inventorySchema),
  },
  'topology.json': {
    title: 'A topology for dr-drill: NFS shares, and sites that mount them',
    ...schemaOf(topologySchema),
  },
}

function schemaOf(schema: z.ZodType): object {
  // What editors know best; what is left out has a default, so nothing of it is required.
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
}
