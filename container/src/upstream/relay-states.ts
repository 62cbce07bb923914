import { stateTable } from '../../../lib/state-table.ts';

/**
 * `idle`: no stream, and no audio that needs one. `connecting`: a connection is being made. `streaming`: audio goes out.
 * `ending`: no more audio goes to this stream, its last sentences are awaited. `waiting`: for the next attempt.
 * `queued`: for a slot, without which no attempt is made. `closed`: for good.
 */
export type RelayState = 'idle' | 'connecting' | 'streaming' | 'ending' | 'waiting' | 'queued' | 'closed';
export type RelayEvent =
  | 'connect'
  | 'opened'
  | 'end'
  | 'finished'
  | 'drop'
  | 'failed'
  | 'retry'
  | 'noSlot'
  | 'slot'
  | 'close';

/** `none`: the event has no effect, or cannot happen. */
// biome-ignore format: read as a table
export const RELAY_TABLE = stateTable<RelayState, RelayEvent, RelayState | 'none'>(
            ['idle',       'connecting', 'streaming', 'ending',  'waiting', 'queued',  'closed'], {
  connect:   ['connecting', 'none',      'none',      'none',    'none',    'none',    'none'],
  opened:    ['none',       'streaming', 'none',      'none',    'none',    'none',    'none'],
  end:       ['none',       'none',      'ending',    'none',    'none',    'none',    'none'],
  finished:  ['none',       'idle',      'idle',      'idle',    'none',    'none',    'none'],
  drop:      ['none',       'idle',      'idle',      'idle',    'none',    'none',    'none'],
  failed:    ['none',       'waiting',   'waiting',   'waiting', 'none',    'none',    'none'],
  retry:     ['none',       'none',      'none',      'none',    'idle',    'none',    'none'],
  noSlot:    ['queued',     'none',      'none',      'none',    'none',    'none',    'none'],
  slot:      ['none',       'none',      'none',      'none',    'none',    'idle',    'none'],
  close:     ['closed',     'closed',    'closed',    'closed',  'closed',  'closed',  'none'],
});

export interface RelayChange {
  from: RelayState;
  to: RelayState;
  /** The event, or the recogniser's code. */
  reason: string;
}
