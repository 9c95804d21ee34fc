import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type Dockerode from 'dockerode'
import { MachineError } from '../../../errors.ts'
import { diskFiles } from '../disk-files.ts'
import { engineAnswer } from './client.ts'

// By tar in the container: an engine's own archives fill the holes of a sparse file.

/** The disks of a machine's container as one sparse archive. */
export async function packDisks(docker: Dockerode, container: string, file: string): Promise<void> {
  const exec = await prepare(docker, container, ['--sparse', '-cf', '-', '-C', '/machine', ...diskFiles])
  const raw = await engineAnswer('save disks', exec.start({ hijack: true, stdin: false }))
  const [archive, complaints] = [new PassThrough(), new PassThrough().resume()]
  docker.modem.demuxStream(raw, archive, complaints)
  raw.on('end', () => archive.end()).on('error', (error) => archive.destroy(error))
  await pipeline(archive, createWriteStream(file))
  await requireSuccess(exec, 'saved')
}

export async function unpackDisks(docker: Dockerode, container: string, file: string): Promise<void> {
  const exec = await prepare(docker, container, ['--sparse', '-xf', '-', '-C', '/machine'])
  const raw = await engineAnswer('bring disks', exec.start({ hijack: true, stdin: true }))
  const ended = new Promise((resolve, reject) => raw.on('end', resolve).on('close', resolve).on('error', reject))
  raw.resume()
  const source = createReadStream(file)
  const sent = pipeline(source, raw, { end: true }).catch(async (error: NodeJS.ErrnoException) => {
    // tar may be done, and the connection with it, before the end of the file is seen here: all of it has been read then.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' || source.bytesRead !== (await stat(file)).size) throw error
  })
  await Promise.all([sent, ended])
  await requireSuccess(exec, 'brought')
}

function prepare(docker: Dockerode, container: string, args: readonly string[]): Promise<Dockerode.Exec> {
  const options = { Cmd: ['tar', ...args], AttachStdin: true, AttachStdout: true, AttachStderr: true }
  return engineAnswer('run tar in a container', docker.getContainer(container).exec(options))
}

async function requireSuccess(exec: Dockerode.Exec, done: string): Promise<void> {
  const { ExitCode } = await engineAnswer('tell how tar ended', exec.inspect())
  if (ExitCode !== 0)
    throw new MachineError('disks', `the disks of a machine could not be ${done}: tar exited with ${ExitCode}`)
}
