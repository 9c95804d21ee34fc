import { Duplex, PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { engineAnswer } from './client.ts'

/** A TCP connection from inside the hub, as a stream: `nc` in the hub's container. */
export async function relay(docker: Dockerode, hubId: string, address: string, port: number): Promise<Duplex> {
  const exec = await engineAnswer(
    `reach ${address} port ${port} in the lab`,
    docker.getContainer(hubId).exec({
      Cmd: ['nc', address, String(port)],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    }),
  )
  const raw = await engineAnswer(`reach ${address} in the lab`, exec.start({ hijack: true, stdin: true }))
  const stdout = new PassThrough()
  docker.modem.demuxStream(raw, stdout, new PassThrough().resume())
  raw.on('end', () => stdout.end()).on('close', () => stdout.end())
  const duplex = Duplex.from({ readable: stdout, writable: raw })
  duplex.on('close', () => raw.destroy())
  // Without a listener a relay that breaks while nobody reads would end the process.
  raw.on('error', (error) => duplex.destroy(error))
  duplex.on('error', () => {})
  return duplex
}
