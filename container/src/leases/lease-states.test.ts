import { describe, expect, it } from 'vitest';
import { LEASE_TABLE, type LeaseState } from './lease-states.ts';

const { states, events, next } = LEASE_TABLE;

describe('the lease’s table', () => {
  it.each(events)('decides %s in every state', (event) => {
    for (const state of states) expect([...states, 'none']).toContain(next(state, event));
  });

  it('counts sessions again from wherever the lease is confirmed, but for the end', () => {
    const counting = (state: LeaseState) => {
      const to = next(state, 'confirmed');
      return to === 'none' ? state : to;
    };
    expect(states.map(counting)).toEqual(['held', 'held', 'held', 'ended']);
  });

  it('gives a lease up because of one failure only where none was held yet', () => {
    expect(states.map((state) => next(state, 'failed'))).toEqual(['lost', 'none', 'none', 'none']);
    expect(states.map((state) => next(state, 'expired'))).toEqual(['lost', 'lost', 'none', 'none']);
  });

  it('ends from everywhere, and knows no way out of the end', () => {
    expect(states.map((state) => next(state, 'end'))).toEqual(['ended', 'ended', 'ended', 'none']);
    for (const event of events) expect(next('ended', event)).toBe('none');
  });
});
