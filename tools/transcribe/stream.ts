import { randomUUID } from 'node:crypto';
import type { EngineName } from '../../contract/engines.ts';
import { VoiceError } from '../../contract/errors.ts';
import type { Loss } from '../../contract/records.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Deferred } from '../../lib/deferred.ts';
import { systemRandom } from '../../lib/random.ts';
import { nodeWs } from '../../miniprogram/client/dialers/node-ws.ts';
import { containerClient } from '../../miniprogram/services/container-connection.ts';
import { StreamingSession } from '../../miniprogram/services/streaming-session.ts';
import type { Tickets } from '../../miniprogram/services/ticket.ts';
import type { Line, StateChange, VoiceOptions } from '../../miniprogram/services/voice-session.types.ts';
import { ToolError } from '../cli.ts';

/** Audio is handed over in pieces of this much wall time. */
const TICK_MS = 100;
/** Without a usable connection for so long the tool gives up; a phone would go on. */
const GIVE_UP_MS = 60_000;

export interface Job {
  /** `http(s)://host:port` of the container. */
  url: string;
  tickets: Tickets;
  /** 16-bit mono at the engine's rate. */
  pcm: Int16Array;
  rateHz: number;
  /** 1: real time. */
  speed: number;
  options: VoiceOptions & { engine: EngineName };
}

export interface Watcher {
  lines?(lines: readonly Line[]): void;
  state?(change: StateChange): void;
  trouble?(error: { code: string; message: string }): void;
}

export interface Transcription {
  sessionId: string;
  lines: readonly Line[];
  /** As the service counts. */
  sentences: number;
  durationMs: number;
  losses: Loss[];
  /** From the first audio to the first text; null: there was no text. */
  firstTextMs: number | null;
  /** From the end of the audio to the stored end. */
  finalAfterStopMs: number;
}

/**
 * Streams audio the way the mini-program does, with the mini-program's own session over Node's sockets: it resumes
 * after drops and ends only when everything is recognised and stored.
 * @throws VoiceError that the service answered, ToolError when it cannot be reached
 */
export async function stream(job: Job, watcher: Watcher = {}): Promise<Transcription> {
  const sessionId = randomUUID();
  const dial = nodeWs(job.url.replace(/^http/, 'ws').replace(/\/+$/, ''));
  const session = new StreamingSession({
    createClient: containerClient(() => ({ service: '', dial, platform: null })),
    tickets: job.tickets,
    clock: systemClock,
    random: systemRandom,
    clientId: () => randomUUID(),
    newSessionId: () => sessionId,
    store: null,
    onAppHide: () => () => {},
    active: new Set(),
  });
  let startedAt = 0;
  let firstTextMs: number | null = null;
  session.on('lines', (lines) => {
    if (firstTextMs === null && lines.some(({ text }) => text !== ''))
      firstTextMs = Math.round(performance.now() - startedAt);
    watcher.lines?.(lines);
  });
  session.on('error', (error) => watcher.trouble?.(error));
  const connection = watchConnection(session);
  session.on('state', (change) => watcher.state?.(change));

  try {
    const work = async () => {
      await session.start(job.options);
      startedAt = performance.now();
      await push(session, job, startedAt);
      const stoppedAt = performance.now();
      return { answer: await session.stop(), stoppedAt };
    };
    const { answer, stoppedAt } = await Promise.race([work(), connection.timedOut]);
    const finalAfterStopMs = Math.round(performance.now() - stoppedAt);
    const { lines, status } = session;
    const { sentences, durationMs } = answer;
    return { sessionId, lines, sentences, durationMs, losses: status.losses, firstTextMs, finalAfterStopMs };
  } catch (error) {
    session.dispose();
    throw error;
  } finally {
    connection.end();
  }
}

/** Hands the audio over at its pace. @throws VoiceError when the session fails meanwhile */
async function push(
  session: StreamingSession,
  { pcm, rateHz, speed }: Job,
  startedAt: number,
): Promise<void> {
  let failure: Error | undefined;
  const unlisten = session.on('error', ({ code, detail }) => {
    if (session.status.state === 'failed')
      failure = new VoiceError(code, detail === undefined ? {} : { detail });
  });
  for (let sent = 0; sent < pcm.length && !failure; ) {
    await sleep(systemClock, TICK_MS);
    const due = Math.floor(((performance.now() - startedAt) / 1000) * rateHz * speed);
    const piece = pcm.slice(sent, Math.min(due, pcm.length));
    session.push(piece.buffer);
    sent += piece.length;
  }
  unlisten();
  if (failure) throw failure;
}

/** `timedOut` rejects when the session has had no connection for {@link GIVE_UP_MS}; `end` stops waiting for that. */
function watchConnection(session: StreamingSession): { timedOut: Promise<never>; end(): void } {
  const timedOut = new Deferred<never>();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer ??= setTimeout(() => {
      const message = `${GIVE_UP_MS / 1000} 秒内连不上服务：请检查地址、网络，以及服务是否在运行`;
      timedOut.reject(new ToolError(message));
    }, GIVE_UP_MS);
  };
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  begin();
  session.on('state', ({ new: state }) => (state === 'live' ? end() : begin()));
  session.on('status', ({ state, attempt }) => {
    if (state !== 'stopping') return;
    if (attempt > 0) begin();
    else end();
  });
  return { timedOut: timedOut.promise, end };
}
