import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';
import type { AudioEncoding, StartRequest } from '../../../contract/stream.ts';
import { signTicket, type TicketKeys } from '../../../contract/ticket.ts';
import { sleep, systemClock } from '../../../lib/clock.ts';
import { systemRandom } from '../../../lib/random.ts';
import { nodeWs } from '../../../miniprogram/client/dialers/node-ws.ts';
import type { SavedRecording } from '../../../miniprogram/voice/saved/saved-recordings.ts';
import {
  type CreateClient,
  containerClient,
} from '../../../miniprogram/voice/session/container-connection.ts';
import { AudioRing } from '../../../miniprogram/voice/session/ring.ts';
import {
  StreamingSession,
  type VoiceSessionDeps,
} from '../../../miniprogram/voice/session/streaming-session.ts';
import { TicketCache } from '../../../miniprogram/voice/session/ticket.ts';
import { FaultProxy } from '../proxy.ts';

/** Audio is pushed in pieces of this length, as a recorder does, ms. */
const PIECE_MS = 200;
const RATE_HZ = 16_000;
const SAMPLES_PER_MS = RATE_HZ / 1_000;

/** A phone with the mini-program's own session, whose connection can be taken away, and which need not wait for real time. */
export interface Phone {
  readonly session: StreamingSession;
  readonly link: FaultProxy;
  /** The encoding of each frame that it has sent. */
  readonly sent: readonly AudioEncoding[];
  /** Records `pcm` at once. */
  push(pcm: Int16Array): void;
  /** Records `pcm` in real time. */
  speak(pcm: Int16Array): Promise<void>;
  /** Records silence without waiting for real time: hours of it take no memory. Other work goes on between the seconds. */
  pushSilence(ms: number): Promise<void>;
  /** Resolves when `holds` does, which is looked at whenever the session changes. */
  until(holds: (session: StreamingSession) => boolean): Promise<void>;
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
  close(): Promise<void>;
}

export interface PhoneUser {
  openid: string;
  sessionId: string;
  keys: TicketKeys;
  /** Most audio that the phone keeps, ms. */
  ringMs: number;
  /** The app is of a release that knows no other encoding. */
  pcmOnly?: boolean;
}

/** @param endPos where a recording ends of which an earlier run of the app has saved no audio, samples; undefined: a new one */
export async function startPhone(containerUrl: string, user: PhoneUser, endPos?: number): Promise<Phone> {
  const port = Number(new URL(containerUrl).port);
  const link = await FaultProxy.start({ target: () => port, random: systemRandom });
  const clientId = `phone-of-${user.openid}`;
  const sent: AudioEncoding[] = [];
  const address = { service: '', dial: nodeWs(`ws://127.0.0.1:${link.port}`), platform: null };
  const deps: VoiceSessionDeps = {
    createClient: watched(
      containerClient(() => address),
      sent,
      user.pcmOnly === true,
    ),
    tickets: new TicketCache(() => signTicket(user.openid, user.keys), systemClock),
    clock: systemClock,
    random: systemRandom,
    clientId: () => clientId,
    newSessionId: () => user.sessionId,
    store: null,
    onAppHide: () => () => {},
    ringMs: user.ringMs,
    active: new Set(),
  };
  const session =
    endPos === undefined
      ? new StreamingSession(deps)
      : StreamingSession.restored(deps, savedWithoutAudio(user.sessionId, clientId, endPos));
  const until: Phone['until'] = (holds) =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds(session)) return;
        for (const stop of stops) stop();
        resolve();
      };
      const stops = (['state', 'lines', 'status'] as const).map((event) => session.on(event, look));
      look();
    });
  const push = (pcm: Int16Array): void => {
    for (let at = 0; at < pcm.length; at += PIECE_MS * SAMPLES_PER_MS)
      session.push(pcm.slice(at, at + PIECE_MS * SAMPLES_PER_MS).buffer as ArrayBuffer);
  };
  return {
    session,
    link,
    sent,
    push,
    async speak(pcm) {
      const beganAt = performance.now();
      for (let at = 0; at < pcm.length; ) {
        await sleep(systemClock, PIECE_MS);
        const due = Math.floor((performance.now() - beganAt) * SAMPLES_PER_MS);
        push(pcm.subarray(at, due));
        at = due;
      }
    },
    until,
    async pushSilence(ms) {
      const second = new ArrayBuffer(1_000 * SAMPLES_PER_MS * BYTES_PER_SAMPLE);
      for (let left = ms; left >= 1_000; left -= 1_000) {
        session.push(second);
        // a recogniser in this process must take its audio meanwhile: what has waited would come at once, and be refused
        await new Promise(setImmediate);
      }
    },
    async goOffline() {
      link.refuseNew(true);
      link.drop();
      await until(({ status }) => status.state !== 'live');
    },
    async goOnline() {
      link.refuseNew(false);
      await until(({ status }) => status.state === 'live');
    },
    async close() {
      session.dispose();
      await link.close();
    },
  };
}

type Emit = (event: string, ...args: unknown[]) => unknown;

/** Makes clients that note how each frame is encoded, and offer nothing where the app is to be an older one. */
const watched =
  (create: CreateClient, sent: AudioEncoding[], pcmOnly: boolean): CreateClient =>
  (options) => {
    const client = create(options);
    const emit: Emit = client.emit.bind(client);
    const watching: Emit = (event, ...args) => {
      if (event === 'audio') sent.push((args[2] as AudioEncoding | undefined) ?? 'pcm');
      if (event !== 'start' || !pcmOnly) return emit(event, ...args);
      const [request, ...rest] = args;
      return emit(event, { ...(request as StartRequest), encodings: undefined }, ...rest);
    };
    client.emit = watching as typeof client.emit;
    return client;
  };

const savedWithoutAudio = (sessionId: string, clientId: string, endPos: number): SavedRecording => ({
  snapshot: {
    version: 1,
    sessionId,
    clientId,
    rateHz: RATE_HZ,
    options: { engine: '16k_zh' },
    intent: 'stop',
    endPos,
    savedAt: Date.now(),
  },
  ring: new AudioRing(RATE_HZ, 0, endPos),
});
