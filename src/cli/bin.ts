#!/usr/bin/env node
// What npm links as `dr-drill`. Only a supported Node can read the rest, so this file is written for any.
import { isSupportedNode } from '../project/supported-node.ts'

if (isSupportedNode(process.version)) {
  await import('./main.ts')
} else {
  const { runOnOtherNode } = await import('./other-node.ts')
  process.exitCode = await runOnOtherNode()
}
