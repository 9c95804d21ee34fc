import { contentReader } from './read-content.ts'

/** Reads an image through a server that stops before the end. Prints the process id of the server. */
const [, , path = ''] = process.argv
const server = `
echo $$ >"$0.pid"
for last do :; done
(until [ -S "\${last#--socket=}" ]; do :; done; kill -STOP $$) &
exec qemu-nbd "$@"
`
const program = ['/bin/sh', '-c', server, path] as const
await contentReader({ program: [...program] })([{ path, virtualBytes: 0 }], { signal: new AbortController().signal })
