import type { ErrorCode } from '../../../contract/errors.ts';
import type { SessionRecord } from '../../../contract/records.ts';

interface FenceOutcome {
  /** What the client is told, if anything. */
  tell?: ErrorCode;
  /** The transport closes, so that the client comes back and finds what has become of its session. */
  close: boolean;
}

/** How a session leaves its client whose record turned out to be no longer its own; `now` is what the record is. */
export function fenceOutcome(
  now: SessionRecord | null,
  was: { epoch: number; clientId: string },
): FenceOutcome {
  if (!now) return { tell: 'SESSION_DELETED', close: false };
  // our own cancel, met by a write before its answer came
  if (now.state === 'cancelled' && now.epoch === was.epoch) return { close: false };
  if (now.deletedAt) return { tell: 'SESSION_DELETED', close: false };
  if (now.state === 'live' && now.clientId !== was.clientId) return { tell: 'TAKEN_OVER', close: false };
  return { close: true };
}
