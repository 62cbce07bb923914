import { describe, expect, it } from 'vitest';
import { RELAY_TABLE, type RelayState } from './relay-states.ts';

const { states: RELAY_STATES, events: RELAY_EVENTS, next: nextRelayState } = RELAY_TABLE;

describe('the relay’s table', () => {
  it.each(RELAY_EVENTS)('decides %s in every state', (event) => {
    for (const state of RELAY_STATES)
      expect([...RELAY_STATES, 'none']).toContain(nextRelayState(state, event));
  });

  it('knows no way out of closed, and one into it from everywhere', () => {
    for (const event of RELAY_EVENTS) expect(nextRelayState('closed', event)).toBe('none');
    for (const state of RELAY_STATES.filter((one) => one !== 'closed'))
      expect(nextRelayState(state, 'close')).toBe('closed');
  });

  it('connects from idle only, and returns there from every other state that is not closed', () => {
    for (const state of RELAY_STATES)
      expect(nextRelayState(state, 'connect')).toBe(state === 'idle' ? 'connecting' : 'none');
    for (const state of RELAY_STATES.filter((one) => one !== 'closed'))
      expect(reachable(state)).toContain('idle');
  });

  it('waits before it tries again after every failure of a stream', () => {
    const withStream: RelayState[] = ['connecting', 'streaming', 'ending'];
    for (const state of withStream) expect(nextRelayState(state, 'failed')).toBe('waiting');
  });
});

function reachable(from: RelayState): Set<RelayState> {
  const found = new Set([from]);
  for (const state of found)
    for (const event of RELAY_EVENTS) {
      const next = nextRelayState(state, event);
      if (next !== 'none') found.add(next);
    }
  return found;
}
