import type { Peer } from './peer.ts';
import type { SessionDeps } from './session-types.ts';
import { storedResults, type Transcript } from './transcript.ts';

/** Finals that a client does not have, in order; from the store where they are older than what is kept in memory. */
export async function showAgain(
  peer: Peer,
  haveIndex: number,
  sessionId: string,
  transcript: Transcript,
  { store, log }: Pick<SessionDeps, 'store' | 'log'>,
): Promise<void> {
  const kept = transcript.oldestKept;
  if (haveIndex + 1 < kept) {
    try {
      const stored = await store.sentencesAbove(sessionId, haveIndex);
      const older = stored.filter(([index]) => index < kept);
      for (const event of storedResults(sessionId, older)) peer.emit('result', event);
    } catch (error) {
      log.warn({ err: error }, 'could not read finals to show again');
    }
  }
  for (const event of transcript.above(haveIndex)) peer.emit('result', event);
}
