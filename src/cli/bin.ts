#!/usr/bin/env node
// The program that npm links as `dr-drill`. Any Node can read this file; only a supported one can read the others.
import { isSupportedNode } from '../project/supported-node.ts'

if (isSupportedNode(process.version)) {
  await import('./main.ts')
} else {
  const { runOnOtherNode } = await import('./other-node.ts')
  process.exitCode = await runOnOtherNode()
}
