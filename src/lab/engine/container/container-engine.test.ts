import { engineContract } from '../contract.ts'
import { openContainerEngine } from './container-engine.ts'

engineContract('container', openContainerEngine)
