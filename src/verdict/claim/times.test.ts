import type { JournalEvent, Phase } from '../../journal/journal.ts'
import { table } from '../question-table.fixture.ts'
import { recoveryTime } from './objectives.ts'
import { phaseTimes } from './phase-times.ts'

const began = (phase: Phase): JournalEvent => ({ kind: 'phase-started', phase })
const ended = (phase: Phase, durationMs: number): JournalEvent => ({ kind: 'phase-ended', phase, durationMs })

table(phaseTimes, { phases: ['recover', 'restore'] }, [
  [
    'both are known',
    'pass',
    /recover 2\.0 s, restore 3 min 05 s/,
    [ended('recover', 1500), ended('recover', 500), ended('restore', 185_000)],
  ],
  ['one has not ended', 'unknown', /restore/, [ended('recover', 1500)]],
])

table(phaseTimes, {}, [
  [
    'those that the drill had are known',
    'pass',
    /^provision 1\.5 s, restore 0\.5 s$/,
    [began('provision'), ended('provision', 1500), began('restore'), ended('restore', 500)],
  ],
  [
    'one that was begun has not ended',
    'unknown',
    /^phases without a time: restore$/,
    [began('provision'), ended('provision', 1500), began('restore')],
  ],
  [
    'one that has ended was begun again',
    'unknown',
    /^phases without a time: provision$/,
    [began('provision'), ended('provision', 1500), began('provision')],
  ],
  ['it had none', 'unknown', /no evidence/, []],
])

table(recoveryTime, { withinMs: 1000 }, [
  [
    'exactly the allowed time',
    'pass',
    /^1\.0 s \(recover 0\.6 s, restore 0\.4 s\), within/,
    [ended('recover', 600), ended('restore', 400)],
  ],
  ['longer', 'fail', /more than the allowed 1\.0 s/, [ended('recover', 600), ended('restore', 401)]],
  [
    'longer in several stretches',
    'fail',
    /more than/,
    [ended('recover', 600), ended('recover', 300), ended('restore', 200)],
  ],
  [
    'the handover counts too',
    'fail',
    /^1\.2 s \(recover 0\.3 s, hand over 0\.5 s, restore 0\.4 s\), more than/,
    [ended('recover', 300), ended('hand over', 500), ended('restore', 400)],
  ],
  [
    'a handover without mount paths',
    'pass',
    /^0\.9 s \(hand over 0\.5 s, restore 0\.4 s\), within/,
    [ended('hand over', 500), ended('restore', 400)],
  ],
  [
    'a handover has not ended',
    'unknown',
    /without a time: hand over/,
    [ended('recover', 300), began('hand over'), ended('restore', 400)],
  ],
  [
    'other phases take longer',
    'pass',
    /within/,
    [ended('provision', 9999), ended('recover', 1), ended('baseline', 9999), ended('restore', 1)],
  ],
  ['nothing was restored', 'unknown', /nothing was restored after a recovery/, [ended('recover', 1)]],
  ['nothing was recovered', 'unknown', /phases without a time: recover/, [ended('restore', 1)]],
  [
    'a recovery has not ended',
    'unknown',
    /without a time: recover/,
    [ended('recover', 1), ended('restore', 1), began('recover')],
  ],
])
