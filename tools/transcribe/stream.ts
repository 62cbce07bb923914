import { randomUUID } from 'node:crypto';
import type { EngineName } from '../../contract/engines.ts';
import { VoiceError } from '../../contract/errors.ts';
import type { Loss } from '../../contract/records.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Deferred } from '../../lib/deferred.ts';
import { systemRandom } from '../../lib/random.ts';
import { nodeWs } from '../../miniprogram/client/dialers/node-ws.ts';
import { containerClient } from '../../miniprogram/voice/session/container-connection.ts';
import { StreamingSession } from '../../miniprogram/voice/session/streaming-session.ts';
import type { Tickets } from '../../miniprogram/voice/session/ticket.ts';
import type { Line, StateChange, VoiceOptions } from '../../miniprogram/voice/session/voice-session.types.ts';
import { ToolError } from '../cli.ts';

/** Interval at which audio is pushed into the session, ms of wall time. */
const TICK_MS = 100;
/** The tool gives up after this long without a connection, ms; the mini-program never does. */
const GIVE_UP_MS = 60_000;

export interface TranscriptionJob {
  /** `http(s)://host:port` of the container. */
  url: string;
  /** Of Socket.IO; the default unless given. */
  path?: string;
  tickets: Tickets;
  /** PCM 16-bit mono samples at `rateHz`, the engine's rate. */
  pcm: Int16Array;
  rateHz: number;
  /** Factor of real time; 1: real time. */
  speed: number;
  options: VoiceOptions & { engine: EngineName };
}

/** What is reported while the audio is streamed. */
export interface TranscriptionListener {
  /** Before anything is sent: the session's id. */
  session?(sessionId: string): void;
  /** The whole transcript after each change. */
  lines?(lines: readonly Line[]): void;
  state?(change: StateChange): void;
  /** An error of the session, fatal or not. */
  error?(error: { code: string; message: string }): void;
}

export interface Transcription {
  sessionId: string;
  lines: readonly Line[];
  /** Number of sentences, counted by the service. */
  sentences: number;
  durationMs: number;
  losses: Loss[];
  /** From the first audio to the first text, ms; null: there was no text. */
  firstTextMs: number | null;
  /** From the end of the audio to the answer of `stop` (everything is stored), ms. */
  finalAfterStopMs: number;
}

/**
 * Streams audio the way the mini-program does, with the mini-program's own session over Node's sockets: it resumes
 * after drops and ends only when everything is recognised and stored.
 * @throws VoiceError that the service answered, ToolError when it cannot be reached
 */
export async function stream(
  job: TranscriptionJob,
  listener: TranscriptionListener = {},
): Promise<Transcription> {
  const sessionId = randomUUID();
  listener.session?.(sessionId);
  const dial = nodeWs(job.url.replace(/^http/, 'ws').replace(/\/+$/, ''));
  const session = new StreamingSession({
    createClient: containerClient(() => ({
      service: '',
      dial,
      platform: null,
      ...(job.path && { path: job.path }),
    })),
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
    listener.lines?.(lines);
  });
  session.on('error', (error) => listener.error?.(error));
  const connection = watchConnection(session);
  session.on('state', (change) => listener.state?.(change));

  try {
    const transcribeAll = async () => {
      await session.start(job.options);
      startedAt = performance.now();
      await pushAudio(session, job, startedAt);
      const stoppedAt = performance.now();
      return { answer: await session.stop(), stoppedAt };
    };
    const { answer, stoppedAt } = await Promise.race([transcribeAll(), connection.timedOut]);
    const finalAfterStopMs = Math.round(performance.now() - stoppedAt);
    const { lines, status } = session;
    const { sentences, durationMs } = answer;
    return { sessionId, lines, sentences, durationMs, losses: status.losses, firstTextMs, finalAfterStopMs };
  } catch (error) {
    session.dispose();
    throw error;
  } finally {
    connection.stop();
  }
}

/** Pushes the audio at `speed` times real time. @throws VoiceError when the session fails meanwhile */
async function pushAudio(
  session: StreamingSession,
  { pcm, rateHz, speed }: TranscriptionJob,
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

/** `timedOut` rejects when the session has had no connection for {@link GIVE_UP_MS}; `stop` stops that timer. */
function watchConnection(session: StreamingSession): { timedOut: Promise<never>; stop(): void } {
  const timedOut = new Deferred<never>();
  let timer: NodeJS.Timeout | undefined;
  const startTimer = (): void => {
    timer ??= setTimeout(() => {
      const message = `${GIVE_UP_MS / 1000} 秒内连不上服务：请检查地址、网络，以及服务是否在运行`;
      timedOut.reject(new ToolError(message));
    }, GIVE_UP_MS);
  };
  const stopTimer = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  startTimer();
  session.on('state', ({ new: state }) => (state === 'live' ? stopTimer() : startTimer()));
  session.on('status', ({ state, attempt }) => {
    if (state !== 'stopping') return;
    if (attempt > 0) startTimer();
    else stopTimer();
  });
  return { timedOut: timedOut.promise, stop: stopTimer };
}
