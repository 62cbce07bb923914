import { createWxRecorder } from 'cloudbase-voice';
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { appCloud, appVoice } from './app-services.ts';
import { CurrentRecording } from './current-recording.ts';
import { SessionNotes } from './session-notes.ts';

let notes: SessionNotes | undefined;
/** Marks and titles that wait to be stored; made at first use. */
export function sessionNotes(): SessionNotes {
  notes ??= new SessionNotes({ cloud: appCloud(), storage: wx, clock: systemClock, random: systemRandom });
  return notes;
}

let current: CurrentRecording | undefined;
/** The app's one recording; made at first use. */
export function currentRecording(): CurrentRecording {
  current ??= new CurrentRecording({
    createRecorder: createWxRecorder,
    createSession: () => appVoice().createSession(),
    notes: sessionNotes(),
  });
  return current;
}
