// Opens a lab with one machine, prints `ready`, and waits to be killed. Arguments: engine, run, log folder, `pause` or nothing.
import { Lab } from '../lab.ts'
import { planTopology } from '../topology/topology.ts'
import { openEngine } from './open-engine.ts'

const [engineName = '', run = '', logFolder = '', paused = ''] = process.argv.slice(2)
const lab = await Lab.open({
  engine: await openEngine(engineName),
  run,
  name: 'orphan',
  logFolder,
  signal: new AbortController().signal,
})
await lab.add(planTopology({ shares: [{ share: '10.10.2.20:/upstream' }] }))
if (paused) await lab.server('10.10.2.20').pause()
process.stdout.write('ready\n')
setInterval(() => {}, 1000)
