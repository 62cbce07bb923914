import { type Clock, sleep } from '../../lib/clock.ts';
import type { StreamLeases } from './leases/stream-leases.ts';
import type { SessionManager } from './session/manager.ts';

/** A lease that cannot be given back by then is left to the others, who take it for dead. */
export const LEASE_END_MS = 2_000;

/**
 * Gives every session away, each at its next commit or after `deadlineMs`, and the streams that they leave to the other
 * instances, which the sessions come to.
 */
export async function giveAway(
  manager: SessionManager,
  leases: StreamLeases | undefined,
  clock: Clock,
  deadlineMs: number,
): Promise<void> {
  leases?.drain();
  await manager.drain(deadlineMs);
  if (leases) await Promise.race([leases.end(), sleep(clock, LEASE_END_MS)]);
}
