import type { VoiceState } from './voice-session.types.ts';

/**
 * What can happen to a session. Asked by the page: `start`, `stop`, `cancel` (the container may have the recording), `discard`
 * (a cancel of what never left the phone), `takeBack` and `takeBackToStop` (the recording had been stopped before), `dispose`.
 * Reported by the connection: `accepted` (`start` was answered), `disconnected`, `completed`, `cancelled`, `failed`.
 */
export type SessionEvent = keyof typeof TRANSITIONS;

/** A state to enter; `stay`: the event has its effect, and the state remains; `none`: it has no effect, or cannot happen. */
type Next = VoiceState | 'stay' | 'none';
type Row = readonly [Next, Next, Next, Next, Next, Next, Next];

const STATES = ['idle', 'connecting', 'live', 'reconnecting', 'stopping', 'ended', 'failed'] as const;

// biome-ignore format: read as a table
const TRANSITIONS = {
  //               idle          connecting   live            reconnecting  stopping    ended   failed
  start:          ['connecting', 'none',      'none',         'none',       'none',     'none', 'none'],
  accepted:       ['none',       'live',      'none',         'live',       'stay',     'none', 'none'],
  disconnected:   ['none',       'stay',      'reconnecting', 'stay',       'stay',     'none', 'none'],
  stop:           ['none',       'stopping',  'stopping',     'stopping',   'none',     'none', 'none'],
  completed:      ['none',       'ended',     'ended',        'ended',      'ended',    'none', 'none'],
  cancel:         ['ended',      'stopping',  'stopping',     'stopping',   'stopping', 'none', 'ended'],
  discard:        ['ended',      'ended',     'ended',        'ended',      'ended',    'none', 'ended'],
  cancelled:      ['none',       'none',      'none',         'none',       'ended',    'none', 'none'],
  failed:         ['none',       'failed',    'failed',       'failed',     'failed',   'none', 'none'],
  takeBack:       ['none',       'none',      'none',         'none',       'none',     'none', 'reconnecting'],
  takeBackToStop: ['none',       'none',      'none',         'none',       'none',     'none', 'stopping'],
  dispose:        ['ended',      'ended',     'ended',        'ended',      'ended',    'none', 'ended'],
} satisfies Record<string, Row>;

export const SESSION_STATES: readonly VoiceState[] = STATES;
export const SESSION_EVENTS = Object.keys(TRANSITIONS) as readonly SessionEvent[];

/** What an event means in a state. */
export const nextState = (state: VoiceState, event: SessionEvent): Next =>
  (TRANSITIONS[event] as Row)[STATES.indexOf(state)] as Next;

/** States in which audio is taken; what cannot be sent yet is kept in the ring. */
export const takesAudio = (state: VoiceState): boolean =>
  state === 'connecting' || state === 'live' || state === 'reconnecting';
