import { shellContract } from './contract.ts'
import { LocalShell } from './local.ts'

shellContract('LocalShell', async () => new LocalShell())
