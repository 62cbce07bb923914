import type { LeaseRules } from './rules.ts';

/** What decides how many streams an instance should hold. */
export interface StreamNeeds {
  /** Sessions that have one, and sessions that wait for one. */
  used: number;
  waiting: number;
  /** Streams that it holds. */
  granted: number;
  /** More sessions than this it does not take. */
  maxSessions: number;
  /** Streams of the account. */
  limit: number;
  /** This instance's share of them while there are too few for all. */
  share: number;
  /** Sessions of the others that wait for a stream. */
  waitingElsewhere: number;
  /** One of the others has sessions that wait, and less than its share. */
  isOtherShort: boolean;
  isDraining: boolean;
}

/**
 * How many streams an instance should hold: whole blocks with some to spare while there are enough; what its sessions need while
 * others wait or it ends; and no more than its share while another instance with less than that waits. Never less than are
 * in use, which nobody can take away.
 */
export function wantedSlots(needs: StreamNeeds, rules: LeaseRules): number {
  const { used, waiting, granted, maxSessions, limit } = needs;
  const demand = Math.min(used + waiting, Math.max(used, maxSessions));
  if (needs.isOtherShort) return Math.max(used, Math.min(demand, needs.share));
  if (needs.isDraining || needs.waitingElsewhere > 0) return demand;
  const block = Math.min(rules.blockSlots, limit);
  const spare = Math.floor(block * rules.spareShare);
  const blocks = Math.max(block, Math.ceil((demand + spare) / block) * block);
  // More than a block to spare is given back; less would come and go with every session.
  const kept = granted - demand <= block ? granted : 0;
  return Math.max(used, Math.min(Math.max(blocks, kept), maxSessions, limit));
}
