import { setWorldConstructor } from '@cucumber/cucumber'
import { DrillWorld } from './world.ts'

setWorldConstructor(DrillWorld)
