import { ownerNumber } from '../../../contract/records.ts';
import type { SessionFigures } from '../runtime/device.ts';

const TIMEOUT_MS = 2_000;
const SESSION_ID = /^[A-Za-z0-9_-]{8,64}$/;
/** Requests by which a database is changed. A transaction is written when it is committed; what it consists of came before. */
const WRITES = /^database\.(insertDocument|modifyDocument|modifyAndReturnDoc|removeDocument)$/;

const ask = async (url: string): Promise<unknown> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
};

interface StoredSession {
  epoch: number;
  state: string;
  committedPos: number;
  sentenceCount: number;
  writeSeq: number;
}

/** What the local cloud has of a session, and how often its database was asked; undefined: it does not answer, or the id is none. */
export const readFigures = async (
  gatewayUrl: string,
  sessionId: string,
): Promise<SessionFigures | undefined> => {
  if (!SESSION_ID.test(sessionId)) return undefined;
  try {
    const [session, counters] = (await Promise.all([
      ask(`${gatewayUrl}/_local/document/voice_sessions/${sessionId}`),
      ask(`${gatewayUrl}/_local/counters`),
    ])) as [StoredSession | undefined, { byAction: Record<string, number> }];
    const writes = Object.entries(counters.byAction).filter(([action]) => WRITES.test(action));
    return {
      stored: session && {
        owner: ownerNumber(session),
        state: session.state,
        committedPos: session.committedPos,
        sentences: session.sentenceCount,
        writes: session.writeSeq,
      },
      databaseWrites: writes.reduce((sum, [, count]) => sum + count, 0),
    };
  } catch {
    return undefined;
  }
};
