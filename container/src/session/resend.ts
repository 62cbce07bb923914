import type { ClientSocket } from './client-socket.ts';
import { sleep } from './deferred.ts';
import { SESSION_RULES } from './rules.ts';
import { storedResults, type Transcript } from './transcript.ts';
import type { SessionDeps } from './types.ts';

export interface ResendRequest {
  sessionId: string;
  transcript: Transcript;
  deps: Pick<SessionDeps, 'store' | 'clock' | 'log'>;
  /** Whether the peer still listens. */
  isThere: () => boolean;
}

/**
 * Finals that a client does not have, in order, and the open sentence. Those that are older than what is kept in
 * memory come from the store; while it is away they are asked for again, since nobody else will show them.
 */
export async function resendMissed(
  peer: ClientSocket,
  haveIndex: number,
  show: ResendRequest,
): Promise<void> {
  const { sessionId, transcript, deps, isThere } = show;
  const kept = transcript.oldestKept;
  const showOlder = async (): Promise<boolean> => {
    try {
      const stored = await deps.store.sentencesAbove(sessionId, haveIndex);
      if (!isThere()) return true;
      const older = stored.filter(([index]) => index < kept);
      for (const event of storedResults(sessionId, older)) peer.emit('result', event);
      return true;
    } catch (error) {
      deps.log.warn({ err: error }, 'could not read finals to show again');
      return false;
    }
  };
  let shown = haveIndex + 1 >= kept || (await showOlder());
  for (const event of transcript.above(haveIndex)) peer.emit('result', event);
  while (!shown && isThere()) {
    await sleep(deps.clock, SESSION_RULES.resendRetryMs);
    shown = !isThere() || (await showOlder());
  }
}
