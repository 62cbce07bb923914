import { stateTable } from '../../../lib/state-table.ts';

/**
 * `starting`: the first answer is awaited. `held`: the lease is renewed, and sessions get a stream only within it. `lost`: it could
 * not be renewed, sessions are not counted. `ended`: the instance has given it back.
 */
export type LeaseState = 'starting' | 'held' | 'lost' | 'ended';
/**
 * `confirmed`: a look has shown our newest write. `failed`: a request was not answered, or was refused. `expired`: no write has been
 * confirmed for too long. `end`: the instance ends.
 */
export type LeaseEvent = 'confirmed' | 'failed' | 'expired' | 'end';

/** `none`: the event has no effect. */
// biome-ignore format: read as a table
export const LEASE_TABLE = stateTable<LeaseState, LeaseEvent, LeaseState | 'none'>(
            ['starting', 'held',  'lost',  'ended'], {
  confirmed: ['held',    'none',  'held',  'none'],
  failed:    ['lost',    'none',  'none',  'none'],
  expired:   ['lost',    'lost',  'none',  'none'],
  end:       ['ended',   'ended', 'ended', 'none'],
});
