import { setUp } from '../src/setup/setup.ts'
import { LabBench, type UpAndDown } from './lab.ts'

const rounds = 5
const goal = 1.15

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** In turn, so that a machine that is busy for a while is so for both. */
async function compare(tool: () => Promise<UpAndDown>, hand: () => Promise<UpAndDown>) {
  // The first of each warms caches, and records what the other needs.
  await tool()
  await hand()
  const tools: UpAndDown[] = []
  const hands: UpAndDown[] = []
  for (let round = 0; round < rounds; round++) {
    tools.push(await tool())
    hands.push(await hand())
  }
  return { tools, hands }
}

function print(what: string, toolMs: number, handMs: number): void {
  const ratio = toolMs / handMs
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
  const verdict = ratio <= goal ? 'within' : 'over'
  const line = `dr-drill ${seconds(toolMs)}   by hand ${seconds(handMs)}   ${ratio.toFixed(2)} ×   ${verdict} the goal of ${goal}`
  process.stdout.write(`${what.padEnd(16)} ${line}\n`)
}

await setUp((line) => process.stderr.write(`${line}\n`))
process.stdout.write(`A lab of one server and three nodes, medians of ${rounds} rounds\n`)
using bench = new LabBench()
const { tools, hands } = await compare(
  () => bench.byTool(),
  () => bench.byHand(),
)
const both = ({ upMs, downMs }: UpAndDown) => upMs + downMs
print('up', median(tools.map(({ upMs }) => upMs)), median(hands.map(({ upMs }) => upMs)))
print('down', median(tools.map(({ downMs }) => downMs)), median(hands.map(({ downMs }) => downMs)))
print('up and down', median(tools.map(both)), median(hands.map(both)))
