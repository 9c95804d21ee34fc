import type { Machine } from '../lab/machine/machine.ts'
import { guard, programSucceeded, pythonLine } from '../shell/python.ts'
import type { Mail } from '../verdict/observation/mail.ts'

/** Reads the mailboxes of a mail server, once it has delivered everything that it has accepted. */
export async function lookIntoMailboxes({ shell }: Machine): Promise<readonly Mail[]> {
  await shell.run({ script: delivered }, { deadlineMs: 60_000 })
  const { stdout } = programSucceeded(await shell.try([...pythonLine, guard + readMails]))
  return JSON.parse(stdout) as readonly Mail[]
}

/** Waits until the queue is empty. */
export const delivered = `
while [ -n "$(find /var/spool/smtpd/queue /var/spool/smtpd/incoming -type f)" ]; do sleep 0.2; done
`

/** Python's parser lists what is not valid in a mail. The text of the HTML has no styles, and no markup. */
const readMails = `
import email, email.policy, glob, html.parser, json, os, sys

class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0
    def handle_starttag(self, tag, attributes):
        self.hidden += tag == 'style'
        self.parts.append(' ')
    def handle_endtag(self, tag):
        self.hidden -= tag == 'style'
    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)

def text_of(part):
    return '' if part is None else ' '.join(part.get_content().split())

mails = []
for name in sorted(glob.glob('/srv/mail/*/new/*')):
    with open(name, 'rb') as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    page = Text()
    page.feed(text_of(mail.get_body(('html',))))
    defects = [repr(one) for part in mail.walk() for one in part.defects]
    for field in ('From', 'To', 'Subject', 'Date', 'Message-ID'):
        found = mail.get_all(field, [])
        if len(found) != 1:
            defects.append('%d fields %s' % (len(found), field))
        defects += [repr(one) for value in found for one in value.defects]
    mails.append({
        'mailbox': os.path.basename(os.path.dirname(os.path.dirname(name))),
        'subject': str(mail['Subject']),
        'messageId': str(mail['Message-ID']).strip(),
        'text': text_of(mail.get_body(('plain',))),
        'html': ' '.join(''.join(page.parts).split()),
        'defects': defects,
    })
json.dump(mails, sys.stdout)
`
