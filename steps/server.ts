// NFS servers
import { When } from '@cucumber/cucumber'
import { serverOutage, silentServer, slowServer } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Cuts the power of the server at an address. Verifies that it is gone.
 * @example When the NFS server "10.20.2.20" loses power
 */
When('the NFS server {string} loses power', async function (this: DrillWorld, server: string) {
  await this.rehearsal.faults.inject(serverOutage(server))
})

/**
 * Stops the server from answering, with its connections open. Verifies that nothing comes back.
 * @example When the NFS server "10.20.2.20" stops answering
 */
When('the NFS server {string} stops answering', async function (this: DrillWorld, server: string) {
  await this.rehearsal.faults.inject(silentServer(server))
})

/**
 * Delays every packet that the server sends. Verifies the delay.
 * @example When the NFS server "10.20.2.20" answers with a delay of 50 ms
 */
When(
  'the NFS server {string} answers with a delay of {int} ms',
  async function (this: DrillWorld, server: string, delayMs: number) {
    await this.rehearsal.faults.inject(slowServer(server, delayMs))
  },
)
