import { stateTable } from '../../../lib/state-table.ts';
import type { VoiceState } from './voice-session.types.ts';

/**
 * What can happen to a session. Called by the page: `start`, `stop`, `cancel` (the container may have the recording), `discard`
 * (a cancel of a recording of which nothing was sent), `reclaim` and `reclaimToStop` (of a recording that had been stopped),
 * `dispose`. Reported by the connection: `accepted` (`start` was answered), `disconnected`, `completed`, `cancelled`, `failed`.
 */
export type SessionEvent =
  | 'start'
  | 'accepted'
  | 'disconnected'
  | 'stop'
  | 'completed'
  | 'cancel'
  | 'discard'
  | 'cancelled'
  | 'failed'
  | 'reclaim'
  | 'reclaimToStop'
  | 'dispose';

/** A state to enter; `stay`: the event has its effect, and the state remains; `none`: it has no effect, or cannot happen. */
type Next = VoiceState | 'stay' | 'none';

// biome-ignore format: read as a table
export const SESSION_TABLE = stateTable<VoiceState, SessionEvent, Next>(
                  ['idle',       'connecting', 'live',         'reconnecting', 'stopping', 'ended', 'failed'], {
  start:          ['connecting', 'none',       'none',         'none',         'none',     'none',  'none'],
  accepted:       ['none',       'live',       'none',         'live',         'stay',     'none',  'none'],
  disconnected:   ['none',       'stay',       'reconnecting', 'stay',         'stay',     'none',  'none'],
  stop:           ['none',       'stopping',   'stopping',     'stopping',     'none',     'none',  'none'],
  completed:      ['none',       'ended',      'ended',        'ended',        'ended',    'none',  'none'],
  cancel:         ['ended',      'stopping',   'stopping',     'stopping',     'stopping', 'none',  'ended'],
  discard:        ['ended',      'ended',      'ended',        'ended',        'ended',    'none',  'ended'],
  cancelled:      ['none',       'none',       'none',         'none',         'ended',    'none',  'none'],
  failed:         ['none',       'failed',     'failed',       'failed',       'failed',   'none',  'none'],
  reclaim:       ['none',       'none',       'none',         'none',         'none',     'none',  'reconnecting'],
  reclaimToStop: ['none',       'none',       'none',         'none',         'none',     'none',  'stopping'],
  dispose:        ['ended',      'ended',      'ended',        'ended',        'ended',    'none',  'ended'],
});

/** States in which audio is taken; what cannot be sent yet is kept in the ring. */
export const takesAudio = (state: VoiceState): boolean =>
  state === 'connecting' || state === 'live' || state === 'reconnecting';
