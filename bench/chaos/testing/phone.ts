import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';
import { signTicket, type TicketKeys } from '../../../contract/ticket.ts';
import { systemClock } from '../../../lib/clock.ts';
import { systemRandom } from '../../../lib/random.ts';
import { nodeWs } from '../../../miniprogram/client/dialers/node-ws.ts';
import { containerClient } from '../../../miniprogram/services/container-connection.ts';
import { AudioRing } from '../../../miniprogram/services/ring.ts';
import type { SavedRecording } from '../../../miniprogram/services/saved-recordings.ts';
import { StreamingSession, type VoiceSessionDeps } from '../../../miniprogram/services/streaming-session.ts';
import { TicketCache } from '../../../miniprogram/services/ticket.ts';
import { FaultProxy } from '../proxy.ts';

/** Audio is pushed in pieces of this length, as a recorder does, ms. */
const PIECE_MS = 200;
const RATE_HZ = 16_000;
const SAMPLES_PER_MS = RATE_HZ / 1_000;

/** A phone with the mini-program's own session, whose connection can be taken away, and which need not wait for real time. */
export interface Phone {
  readonly session: StreamingSession;
  /** Records `pcm` at once. */
  push(pcm: Int16Array): void;
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
}

/** @param endPos where a recording ends of which an earlier run of the app has saved no audio, samples; undefined: a new one */
export async function startPhone(containerUrl: string, user: PhoneUser, endPos?: number): Promise<Phone> {
  const port = Number(new URL(containerUrl).port);
  const link = await FaultProxy.start({ target: () => port, random: systemRandom });
  const clientId = `phone-of-${user.openid}`;
  const deps: VoiceSessionDeps = {
    createClient: containerClient(() => ({
      service: '',
      dial: nodeWs(`ws://127.0.0.1:${link.port}`),
      platform: null,
    })),
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
    push,
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
