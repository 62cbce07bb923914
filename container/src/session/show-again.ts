import { sleep } from './deferred.ts';
import type { Peer } from './peer.ts';
import { SESSION_RULES } from './rules.ts';
import type { SessionDeps } from './session-types.ts';
import { storedResults, type Transcript } from './transcript.ts';

export interface ShowAgain {
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
export async function showAgain(peer: Peer, haveIndex: number, show: ShowAgain): Promise<void> {
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
    await sleep(deps.clock, SESSION_RULES.showAgainMs);
    shown = !isThere() || (await showOlder());
  }
}
