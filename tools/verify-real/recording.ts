import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  identityParams,
  type QueryParams,
  recognitionParams,
  signedQuery,
} from '../../container/src/asr/request.ts';
import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { type Clock, sleep } from '../../lib/clock.ts';
import { Deferred } from '../../lib/deferred.ts';
import type { Scenario } from './scenarios.ts';

/** Audio that is sent at once, ms. */
const FRAME_MS = 100;
/** From the upgrade to the first answer, ms. */
const HANDSHAKE_MS = 10_000;
/** The pause that ends a sentence, as the mini-program asks for it by default. */
const SILENCE_MS = 1_000;
const RATE_HZ = 16_000;
const NO_SUCH_ENGINE = '16k_no_such_engine';

export interface Account {
  appId: string;
  secretId: string;
  secretKey: string;
  token: string | undefined;
  endpoint: string;
}

/** One thing that was seen; times are ms since the connection was open. */
export type Seen =
  | { atMs: number; message: unknown }
  | { atMs: number; unreadable: string }
  | { atMs: number; refused: number };

/** Everything that happened on one connection. Nothing in it is a secret. */
export interface Recording {
  scenario: string;
  engine: string;
  /** The request's parameters, but who asked and when. */
  params: QueryParams;
  audioMs: number;
  pace: number | 'at once';
  /** Cumulative audio at the times at which it was handed to the network. */
  sent: { atMs: number; audioMs: number }[];
  received: Seen[];
  /** How the connection ended; null: it was still open when nothing more was waited for. */
  close: { atMs: number; code: number; reason: string } | null;
}

export interface RecordingContext {
  account: Account;
  engine: string;
  pcm: Int16Array;
  clock: Clock;
  random: () => number;
}

/** Hides who asked in what the service answers. */
function anonymous(text: string, { secretId, appId }: Account, voiceId: string): string {
  return text.replaceAll(voiceId, 'voice-id').replaceAll(secretId, 'secret-id').replaceAll(appId, 'app-id');
}

interface Request {
  url: string;
  params: QueryParams;
  voiceId: string;
}

/** The address, signed as the container signs it, or wrongly on purpose. */
function requestOf({ wrong }: Scenario, { account, engine, clock, random }: RecordingContext): Request {
  const { appId, secretId, secretKey, endpoint } = account;
  const voiceId = randomUUID();
  const usual = recognitionParams({
    engine,
    sampleRate: RATE_HZ,
    hotwords: [],
    silenceMs: SILENCE_MS,
    wordTimes: true,
  });
  const params = wrong === 'engine' ? { ...usual, engine_model_type: NO_SUCH_ENGINE } : usual;
  const signed = { ...params, ...identityParams(secretId, voiceId, clock.now(), random) };
  const key = wrong === 'signature' ? `${secretKey}-wrong` : secretKey;
  const query = signedQuery(appId, key, signed);
  return { url: `${endpoint}/asr/v2/${encodeURIComponent(appId)}?${query}`, params, voiceId };
}

/** Makes one connection, and writes down all that happens on it. */
export async function record(scenario: Scenario, context: RecordingContext): Promise<Recording> {
  const { account, engine, clock } = context;
  const { url, params, voiceId } = requestOf(scenario, context);
  const headers = account.token === undefined ? {} : { 'X-TC-Token': account.token };
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  const { audioMs, pace } = scenario;
  const recording: Recording = {
    scenario: scenario.name,
    engine,
    params,
    audioMs,
    pace: Number.isFinite(pace) ? pace : 'at once',
    sent: [],
    received: [],
    close: null,
  };
  let openedAtMs = clock.now();
  const atMs = (): number => Math.round(clock.now() - openedAtMs);
  const answered = new Deferred<void>();
  const over = new Deferred<void>();
  socket.on('open', () => {
    openedAtMs = clock.now();
  });
  socket.on('message', (data) => {
    const text = anonymous(data.toString(), account, voiceId);
    recording.received.push(readMessage(text, atMs()));
    answered.resolve();
  });
  socket.on('unexpected-response', (_, { statusCode = 0 }) => {
    recording.received.push({ atMs: atMs(), refused: statusCode });
    over.resolve();
  });
  socket.on('error', () => {});
  socket.on('close', (code, reason) => {
    recording.close = { atMs: atMs(), code, reason: reason.toString() };
    over.resolve();
  });
  await Promise.race([answered.promise, over.promise, sleep(clock, HANDSHAKE_MS)]);
  await sendAudio(socket, scenario, recording, context, atMs);
  if (scenario.end && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'end' }));
  await Promise.race([over.promise, sleep(clock, scenario.waitMs)]);
  socket.terminate();
  return recording;
}

function readMessage(text: string, atMs: number): Seen {
  try {
    return { atMs, message: JSON.parse(text) };
  } catch {
    return { atMs, unreadable: text };
  }
}

/** Sends the audio at its pace, as long as the connection is open. */
async function sendAudio(
  socket: WebSocket,
  { audioMs, pace }: Scenario,
  { sent }: Recording,
  { pcm, clock }: RecordingContext,
  atMs: () => number,
): Promise<void> {
  const startedAtMs = atMs();
  const samplesPerMs = RATE_HZ / 1_000;
  for (let doneMs = 0; doneMs < audioMs && socket.readyState === WebSocket.OPEN; ) {
    const dueMs = Math.min(audioMs, (atMs() - startedAtMs) * pace + FRAME_MS);
    while (doneMs < dueMs) {
      const frameMs = Math.min(FRAME_MS, audioMs - doneMs);
      const frame = pcm.subarray(doneMs * samplesPerMs, (doneMs + frameMs) * samplesPerMs);
      socket.send(Buffer.from(frame.buffer, frame.byteOffset, frame.length * BYTES_PER_SAMPLE));
      doneMs += frameMs;
    }
    sent.push({ atMs: atMs(), audioMs: doneMs });
    await sleep(clock, FRAME_MS);
  }
}
