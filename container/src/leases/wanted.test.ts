import { describe, expect, it } from 'vitest';
import { LEASE_RULES } from './rules.ts';
import { type StreamNeeds, wantedSlots } from './wanted.ts';

const QUIET: StreamNeeds = {
  used: 0,
  waiting: 0,
  granted: 20,
  maxSessions: 100,
  limit: 200,
  share: 100,
  waitingElsewhere: 0,
  isOtherShort: false,
  isDraining: false,
};
const wanted = (needs: Partial<StreamNeeds>) => wantedSlots({ ...QUIET, ...needs }, LEASE_RULES);

describe('how many streams an instance wants', () => {
  it.each<[string, Partial<StreamNeeds>, number]>([
    ['a block without sessions', {}, 20],
    ['a block while a quarter of it is free', { used: 15 }, 20],
    ['the next block before that', { used: 16 }, 40],
    ['blocks for those who wait, too', { used: 20, waiting: 30 }, 60],
    ['what it has while a block of it is free', { used: 20, granted: 40 }, 40],
    ['less where more than a block is free', { used: 15, granted: 40 }, 20],
    ['no more than it takes sessions', { used: 95, maxSessions: 95 }, 95],
    ['no more than there are', { used: 50, limit: 55 }, 55],
    ['the account’s streams where these are less than a block', { limit: 1 }, 1],
    ['exactly what it needs while others wait', { used: 7, waiting: 2, waitingElsewhere: 1 }, 9],
    ['nothing while others wait and it has no session', { waitingElsewhere: 1 }, 0],
    ['exactly what it needs while it ends', { used: 7, isDraining: true }, 7],
    ['its share while another one is short', { used: 60, waiting: 90, isOtherShort: true }, 100],
    ['what is used, also beyond its share', { used: 130, waiting: 9, isOtherShort: true }, 130],
    ['what is used, also beyond its sessions', { used: 130, waiting: 9 }, 130],
  ])('%s', (_, needs, slots) => {
    expect(wanted(needs)).toBe(slots);
  });
});
