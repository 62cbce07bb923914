import { describe, expect, it } from 'vitest';
import { SESSION_TABLE } from './states.ts';

const { states: SESSION_STATES, events: SESSION_EVENTS, next: nextSessionState } = SESSION_TABLE;

const NEXT = [...SESSION_STATES, 'stay', 'none'];

describe('the session’s table', () => {
  it.each(SESSION_EVENTS)('decides %s in every state', (event) => {
    for (const state of SESSION_STATES) expect(NEXT).toContain(nextSessionState(state, event));
  });

  it('knows no way out of over', () => {
    for (const event of SESSION_EVENTS) expect(nextSessionState('over', event)).toBe('none');
  });

  it('leads from every state to over', () => {
    for (const state of SESSION_STATES) expect(reachable(state)).toContain('over');
  });

  it('enters every state from live', () => {
    expect([...reachable('live')].sort()).toEqual([...SESSION_STATES].sort());
  });

  it('ends a hand-over at its deadline from every state in which the session goes on', () => {
    for (const state of SESSION_STATES)
      expect(nextSessionState(state, 'deadline')).toBe(
        state === 'releasing' || state === 'over' ? 'none' : 'releasing',
      );
  });

  it('is fenced from every state: no state keeps a record that is somebody else’s', () => {
    for (const state of SESSION_STATES.filter((one) => one !== 'over'))
      expect(nextSessionState(state, 'fenced')).toBe('over');
  });
});

function reachable(from: (typeof SESSION_STATES)[number]): Set<string> {
  const found = new Set<(typeof SESSION_STATES)[number]>([from]);
  for (const state of found)
    for (const event of SESSION_EVENTS) {
      const next = nextSessionState(state, event);
      if (next !== 'none' && next !== 'stay') found.add(next);
    }
  return found;
}
