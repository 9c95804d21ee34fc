import type { Fault } from './fault.ts'

const [list, server] = ['/etc/dr-drill-mail/refused', '/usr/lib/dr-drill/mail']

/** A mail server refuses all mail to an address. Undo lets it accept mail again. */
export function mailRefusal(name: string, address: string): Fault {
  return {
    name: 'mail refusal',
    subject: `mail server ${name}`,
    async inject(lab) {
      const { shell } = lab.mailServer(name).machine
      await shell.run({ script: `echo "$1" >>${list}; ${server} restart`, args: [address] })
      return {
        async [Symbol.asyncDispose]() {
          // grep exits with 1 if no address is left.
          const remove = `grep -vxF -- "$1" ${list} >${list}.new || [ $? = 1 ]; mv ${list}.new ${list}; ${server} restart`
          await shell.run({ script: remove, args: [address] })
        },
      }
    },
    async observe(lab) {
      const { machine, user, password } = lab.mailServer(name)
      const { stdout } = await machine.shell.run(['python3', '-c', trial, machine.name, user, address], {
        stdin: password,
      })
      const answer = stdout.trim()
      return { tookEffect: /^5\d\d /.test(answer), facts: { address, answer } }
    },
  }
}

/** Asks the server for a mail to an address, and prints its answer. No mail is sent. */
const trial = `
import smtplib, ssl, sys
name, user, address = sys.argv[1:]
with smtplib.SMTP('127.0.0.1', 587) as smtp:
    smtp._host = name
    smtp.starttls(context=ssl.create_default_context(cafile='/etc/dr-drill-mail/ca.pem'))
    smtp.login(user, sys.stdin.read())
    smtp.mail('trial@example.org')
    code, text = smtp.rcpt(address)
    print(code, text.decode())
`
