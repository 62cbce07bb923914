import { framesOf, type Speech, samplesOf } from './audio.ts';
import { equal, like, Mismatch, pause } from './check.ts';
import type { AudioForm, Connection, Data } from './driver/connection.ts';
import { errorOf, newId } from './server-context.ts';

export interface Started {
  sessionId: string;
  state: string;
  nextPos: number;
  committedPos: number;
  limitPos: number;
  nextIndex: number;
  settledIndex: number;
  limits: { maxFrameBytes: number; creditMs: number; ringMs: number };
  encodings?: string[];
}

export const CLIENT_ID = 'client-0001';
/** One ticket for all cases runs into the limits by user, and then has to wait as any client. */
const MAY_WAIT_FOR = new Set(['RATE_LIMITED', 'BUSY']);
const LONGEST_WAIT_MS = 60_000;

/** The answer, after the waits that the server asks for. */
async function answered(connection: Connection, event: string, payload: unknown): Promise<Data> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await connection.ask(event, payload);
    const { code, retryAfterMs } = errorOf(answer) ?? {};
    const mayWait = MAY_WAIT_FOR.has(String(code)) && performance.now() - startedMs < LONGEST_WAIT_MS;
    if (!mayWait || !(Number(retryAfterMs) > 0)) return answer;
    await pause(Number(retryAfterMs));
  }
}

/** An answer that is no refusal. */
export async function granted(connection: Connection, event: string, payload?: unknown): Promise<Data> {
  const answer = await answered(connection, event, payload);
  const error = errorOf(answer);
  if (error) throw new Mismatch(`${event} is granted`, 'no error', error);
  return answer;
}

/** Starts a session, a new one where the request names none. */
export async function begin(connection: Connection, request: Data = {}): Promise<Started> {
  const whole = { sessionId: newId(), clientId: CLIENT_ID, ...request };
  return (await granted(connection, 'start', whole)) as unknown as Started;
}

/** The same client on a new connection. */
export const resume = (connection: Connection, sessionId: string, haveIndex = -1): Promise<Started> =>
  begin(connection, { sessionId, resume: { haveIndex, takeOver: false } });

/** The error that a request is refused with. */
export async function refused(connection: Connection, event: string, payload?: unknown): Promise<Data> {
  const answer = await answered(connection, event, payload);
  const error = errorOf(answer);
  if (!error) throw new Mismatch(`${event} is refused`, 'an error', answer);
  return error;
}

export const stop = (connection: Connection, endPos?: number): Promise<Data> =>
  granted(connection, 'stop', endPos === undefined ? {} : { endPos });

/**
 * The present `nextPos`: a `skip` of what has been received has no effect, and is answered with it. Some audio must have been taken.
 */
export async function nextPosOf(connection: Connection): Promise<number> {
  return Number((await granted(connection, 'skip', { fromPos: 0, toPos: 1 })).nextPos);
}

/** All that was sent is handled, and all that it caused was heard, once this is answered. */
export async function fence(connection: Connection): Promise<void> {
  like('an unknown event is refused', await refused(connection, 'conformance-fence', {}), {
    code: 'UNKNOWN_EVENT',
  });
}

/** Nothing was refused so far. */
export async function undisturbed(connection: Connection): Promise<void> {
  await fence(connection);
  equal('errors', connection.of('error'), []);
}

/** Sends a part of a recording with its positions. */
export function send(
  connection: Connection,
  { pcm }: Pick<Speech, 'pcm'>,
  {
    fromPos = 0,
    untilPos = samplesOf(pcm),
    form,
  }: { fromPos?: number; untilPos?: number; form?: AudioForm } = {},
): void {
  for (const frame of framesOf(pcm, fromPos, untilPos)) connection.audio(frame.pcm, { pos: frame.pos, form });
}

/** Final texts by their index. */
export const finalsOf = (connection: Connection): Map<number, string> =>
  new Map(
    connection
      .of('result')
      .filter(({ final }) => final === true)
      .map(({ index, text }) => [Number(index), String(text)]),
  );

export const textOf = (...connections: Connection[]): string => {
  const lines = new Map(connections.flatMap((connection) => [...finalsOf(connection)]));
  return [...lines]
    .sort(([a], [b]) => a - b)
    .map(([, line]) => line)
    .join('\n');
};

/** Letters and digits only: a recogniser may set its punctuation differently. */
export const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '');

/** The text is that of the recording, where it is known. */
export function isText(speech: Speech, seen: string): void {
  if (speech.text === undefined) {
    if (lettersOf(seen) === '') throw new Mismatch('the text', 'some text', seen);
    return;
  }
  equal('the text, without punctuation', lettersOf(seen), lettersOf(speech.text));
}
