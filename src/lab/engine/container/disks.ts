import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type Dockerode from 'dockerode'
import { MachineError } from '../../../errors.ts'
import { diskFiles } from '../disk-files.ts'
import { engineAnswer } from './client.ts'

// Uses tar in the container, because the archives of an engine fill the holes of sparse files.

/** Writes the disks in a machine's container to a sparse archive. */
export async function packDisks(docker: Dockerode, container: string, file: string): Promise<void> {
  const exec = await prepare(docker, container, ['--sparse', '-cf', '-', '-C', '/machine', ...diskFiles])
  const raw = await engineAnswer('pack disks', exec.start({ hijack: true, stdin: false }))
  const [archive, complaints] = [new PassThrough(), new PassThrough().resume()]
  docker.modem.demuxStream(raw, archive, complaints)
  raw.on('end', () => archive.end()).on('error', (error) => archive.destroy(error))
  await pipeline(archive, createWriteStream(file))
  await requireSuccess(exec, 'pack')
}

export async function unpackDisks(docker: Dockerode, container: string, file: string): Promise<void> {
  const exec = await prepare(docker, container, ['--sparse', '-xf', '-', '-C', '/machine'])
  const raw = await engineAnswer('unpack disks', exec.start({ hijack: true, stdin: true }))
  const ended = new Promise((resolve, reject) => raw.on('end', resolve).on('close', resolve).on('error', reject))
  raw.resume()
  const source = createReadStream(file)
  const sent = pipeline(source, raw, { end: true }).catch(async (error: NodeJS.ErrnoException) => {
    // tar may end, and close the connection, before we see the end of the file. It has read the whole file then.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' || source.bytesRead !== (await stat(file)).size) throw error
  })
  await Promise.all([sent, ended])
  await requireSuccess(exec, 'unpack')
}

function prepare(docker: Dockerode, container: string, args: readonly string[]): Promise<Dockerode.Exec> {
  const options = { Cmd: ['tar', ...args], AttachStdin: true, AttachStdout: true, AttachStderr: true }
  return engineAnswer('run tar in a container', docker.getContainer(container).exec(options))
}

async function requireSuccess(exec: Dockerode.Exec, action: string): Promise<void> {
  const { ExitCode } = await engineAnswer('report the exit code of tar', exec.inspect())
  if (ExitCode !== 0)
    throw new MachineError('disks', `cannot ${action} the disks of a machine: tar exited with ${ExitCode}`)
}
