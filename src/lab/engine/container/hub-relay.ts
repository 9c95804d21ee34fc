import { Duplex, PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { engineAnswer } from './client.ts'

/** Opens a TCP connection from inside the hub, by `nc` in the hub's container. */
export async function relay(docker: Dockerode, hubId: string, address: string, port: number): Promise<Duplex> {
  const exec = await engineAnswer(
    `connect to ${address} port ${port} in the lab`,
    docker.getContainer(hubId).exec({
      Cmd: ['nc', address, String(port)],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    }),
  )
  const raw = await engineAnswer(`connect to ${address} in the lab`, exec.start({ hijack: true, stdin: true }))
  const stdout = new PassThrough()
  docker.modem.demuxStream(raw, stdout, new PassThrough().resume())
  raw.on('end', () => stdout.end()).on('close', () => stdout.end())
  const duplex = Duplex.from({ readable: stdout, writable: raw })
  duplex.on('close', () => raw.destroy())
  // Without a listener, an error of a relay without a reader would end this process.
  raw.on('error', (error) => duplex.destroy(error))
  duplex.on('error', () => {})
  return duplex
}
