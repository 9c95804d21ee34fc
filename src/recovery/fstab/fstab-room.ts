import { answerIn } from '../../shell/answers.ts'
import { guard, programSucceeded, pythonLine } from '../../shell/python.ts'
import type { Shell } from '../../shell/shell.ts'

/** Why the new /etc/fstab and the copy of the old one cannot be written beside it. Undefined if they can. Changes nothing. */
export async function whyNoRoomForFstab(shell: Shell): Promise<string | undefined> {
  const { stdout } = programSucceeded(await shell.try([...pythonLine, guard + look]))
  return answerIn(stdout, 'why')
}

const look = `
import os
def answer(why):
    print('dr-drill:why=' + why)

path = '/etc/fstab'
beside = [path + '.dr-drill', path + '.before-dr-drill', path + '.before-dr-drill.new']
folders = [name for name in beside if os.path.isdir(name) and not os.path.islink(name)]
system = os.statvfs('/etc')
needed = 3 * (os.path.getsize(path) + 65536)
if folders:
    answer(folders[0] + ' is a directory')
elif (system.f_blocks and system.f_bfree * system.f_frsize < needed) or (system.f_files and system.f_ffree < 3):
    answer('the file system of /etc is full: there is no room for the new file and a copy of the old one')
else:
    try:
        os.close(os.open('/etc', os.O_WRONLY | os.O_TMPFILE, 0o600))
    except OSError as error:
        if error.errno not in (2, 21, 22, 95):
            answer('no file can be made in /etc: ' + error.strerror)
`
