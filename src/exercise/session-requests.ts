import type { PseudoTtyOptions, ServerChannel, Session } from 'ssh2'
import type { SessionControls } from './recorded-session.ts'

/** What a client asks for in a session. */
export interface SessionRequest {
  /** Undefined without a terminal. */
  readonly pty: PseudoTtyOptions | undefined
  /** Undefined for a shell. */
  readonly command: string | undefined
  /** The name of the command for people, if its own is not what they typed. */
  readonly label: string | undefined
  readonly controls: SessionControls
}

/**
 * Follows the requests of a session, and calls `begin` with its channel when it asks for a shell, a command or SFTP.
 * @param hasFiles false to refuse SFTP
 */
export function followSession(
  session: Session,
  hasFiles: boolean,
  begin: (channel: ServerChannel, request: SessionRequest) => void,
): void {
  let pty: PseudoTtyOptions | undefined
  const controls: SessionControls = { onResize: () => {}, onSignal: () => {} }
  session.on('pty', (accept, _reject, { cols, rows, term }) => {
    pty = { cols, rows, height: 0, width: 0, term: term ?? 'xterm' }
    accept?.()
  })
  session.on('env', (accept) => accept?.())
  session.on('window-change', (accept, _reject, { cols, rows }) => {
    controls.onResize(cols, rows)
    accept?.()
  })
  session.on('signal', (accept, _reject, { name }) => {
    controls.onSignal(name)
    accept?.()
  })
  const start = (channel: ServerChannel, command?: string, label?: string): void =>
    begin(channel, { pty, command, label, controls })
  session.on('shell', (accept) => start(accept()))
  session.on('exec', (accept, _reject, { command }) => start(accept(), command))
  session.on('subsystem', (accept, reject, { name }) => {
    if (name === 'sftp' && hasFiles) start(accept(), 'exec /usr/lib/openssh/sftp-server', 'sftp')
    else reject?.()
  })
}
