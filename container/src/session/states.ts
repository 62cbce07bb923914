import type { ErrorCode } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';

/**
 * `live`: audio comes and goes. `handingOver`: the instance is to end; the session goes at its next commit.
 * `awaitingAudio`: its end was asked for, and audio before that end is missing. `recognising`: all audio is here.
 * `completing`: all is recognised; it is stored, and the record is ended. `releasing`: what is known is stored, the record
 * stays live for the next owner. `over`: no longer this instance's.
 */
export type SessionState =
  | 'live'
  | 'handingOver'
  | 'awaitingAudio'
  | 'recognising'
  | 'completing'
  | 'releasing'
  | 'over';
export type SessionEvent =
  | 'handOver'
  | 'settled'
  | 'deadline'
  | 'stop'
  | 'audioComplete'
  | 'audioMissing'
  | 'abandoned'
  | 'clientGone'
  | 'finishTimeout'
  | 'refused'
  | 'drained'
  | 'completed'
  | 'completeFailed'
  | 'released'
  | 'cancelled'
  | 'fenced';

/**
 * Events: `handOver` (the instance drains), `settled` (nothing is open or unstored), `deadline` (of the hand-over), `stop`,
 * `audioComplete`, `audioMissing` (waited for too long), `abandoned` (a client that cannot resume is gone), `clientGone` (for
 * longer than the grace), `finishTimeout` (the end takes too long without a client), `refused` (the recogniser, for good),
 * `drained` (all audio is recognised), `completed`, `completeFailed`, `released`, `cancelled`, `fenced` (the record is
 * somebody else's).
 * `stay`: the event has its effect, and the state remains; `none`: it has no effect, or cannot happen.
 */
// biome-ignore format: read as a table
export const SESSION_TABLE = stateTable<SessionState, SessionEvent, SessionState | 'stay' | 'none'>(
                 ['live',          'handingOver',     'awaitingAudio', 'recognising', 'completing', 'releasing', 'over'], {
  handOver:       ['handingOver',   'none',          'none',        'none',       'none',      'none',    'none'],
  settled:        ['none',          'releasing',     'none',        'none',       'none',      'none',    'none'],
  deadline:       ['releasing',     'releasing',     'releasing',   'releasing',  'releasing', 'none',    'none'],
  stop:           ['awaitingAudio', 'awaitingAudio', 'none',        'none',       'none',      'none',    'none'],
  audioComplete:  ['none',          'none',          'recognising', 'none',       'none',      'none',    'none'],
  audioMissing:   ['none',          'none',          'live',        'none',       'none',      'none',    'none'],
  abandoned:      ['recognising',   'recognising',   'none',        'none',       'none',      'none',    'none'],
  clientGone:     ['releasing',     'releasing',     'stay',        'stay',       'stay',      'none',    'none'],
  finishTimeout:  ['none',          'none',          'none',        'completing', 'releasing', 'none',    'none'],
  refused:        ['completing',    'completing',    'completing',  'completing', 'none',      'none',    'none'],
  drained:        ['none',          'none',          'none',        'completing', 'none',      'none',    'none'],
  completed:      ['none',          'none',          'none',        'none',       'over',      'over',    'none'],
  completeFailed: ['none',          'none',          'none',        'none',       'releasing', 'none',    'none'],
  released:       ['none',          'none',          'none',        'none',       'none',      'over',    'none'],
  cancelled:      ['over',          'over',          'over',        'over',       'over',      'over',    'none'],
  fenced:         ['over',          'over',          'over',        'over',       'over',      'over',    'none'],
});

/** What a session waits for. Each wait is bounded: its event happens when the time is over. */
type Wait = 'client' | 'audio' | 'handOver';

export class SessionTimers {
  private readonly timers = new Map<Wait, () => void>();
  private readonly clock: Clock;
  private readonly onTime: (event: SessionEvent) => void;

  constructor(clock: Clock, onTime: (event: SessionEvent) => void) {
    this.clock = clock;
    this.onTime = onTime;
  }

  isSet(wait: Wait): boolean {
    return this.timers.has(wait);
  }

  /** Replaces an earlier timer of the same wait. @param ms until `event` happens */
  set(wait: Wait, ms: number, event: SessionEvent): void {
    this.cancel(wait);
    this.timers.set(
      wait,
      this.clock.after(ms, () => this.onTime(event)),
    );
  }

  cancel(...waits: Wait[]): void {
    for (const wait of waits) {
      this.timers.get(wait)?.();
      this.timers.delete(wait);
    }
  }
}

/** The end was asked for, so the record may end before this instance knows. */
export const isEnding = (state: SessionState): boolean =>
  state === 'awaitingAudio' || state === 'recognising' || state === 'completing';

/** Why a `stop` is not answered yet, for a caller that has waited too long. */
export const STOP_TIMEOUT_CODES: Readonly<Partial<Record<SessionState, ErrorCode>>> = {
  awaitingAudio: 'AUDIO_GAP',
  recognising: 'ASR_UNAVAILABLE',
};
