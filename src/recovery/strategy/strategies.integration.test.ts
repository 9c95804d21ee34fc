import { strategyContract } from './contract.ts'
import { strategies } from './index.ts'

for (const strategy of strategies) strategyContract(strategy)
