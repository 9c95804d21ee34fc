import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { PrivateNode } from './private-site.fixture.ts'

/** Mounts a file system in user space on `$1`, and answers no request. Its end disconnects the mount. */
const program = `import ctypes, os, sys
fd = os.open("/dev/fuse", os.O_RDWR)
options = "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % fd
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"silent", sys.argv[1].encode(), b"fuse", 0, options.encode()) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()`

/** A mount whose process does not answer. Ending it leaves the mount, and disconnects it. */
export class FuseMount implements AsyncDisposable {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  static async on(node: PrivateNode, path: string): Promise<FuseMount> {
    const args = [`--mount=${node.mountNamespace}`, '--', '/usr/bin/python3', '-c', program, path]
    const process = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(process.stdout, 'data')
    return new FuseMount(process)
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.kill('SIGKILL')) await once(this.#process, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}
