import { signTicket, type TicketKeys } from '../../contract/ticket.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { nodeWs } from '../../miniprogram/client/dialers/node-ws.ts';
import { StreamingSession } from '../../miniprogram/services/streaming-session.ts';
import { TicketCache } from '../../miniprogram/services/ticket.ts';
import type { Connection, Dial as TransportDial } from '../../miniprogram/services/transport.ts';
import { socketIODial } from '../../miniprogram/services/transport-socketio.ts';
import type { Line } from '../../miniprogram/services/voice-session.types.ts';
import { RATE_HZ } from './phrases.ts';
import type { Timeline } from './timeline.ts';
import { SPEAKER_HEADER } from './world.ts';

/** A recorder hands frames over about this often, ms. */
const FRAME_MS = 100;

export interface SpeakerInit {
  number: number;
  sessionId: string;
  openid: string;
  keys: TicketKeys;
  /** Of its own link. */
  port: number;
  pcm: Int16Array;
  random: Random;
  timeline: Timeline;
  /** `stop` may take as long as it takes to catch up, and not longer, ms. */
  stopWithinMs: number;
  /** A phone that is not sure sends a frame again: so often, 0 … 1. */
  repeatChance: number;
}

/** What a speaker's phone has in the end. */
export interface Spoken {
  lines: readonly Line[];
  /** Audio that the phone counted as lost, ms. */
  lossMs: number;
  stopMs: number;
  /** Why there was no good end; undefined: there was one. */
  failure: string | undefined;
}

/** One phone: the mini-program's own session, fed in real time. */
export class Speaker {
  readonly #init: SpeakerInit;
  readonly #who: string;
  readonly #session: StreamingSession;
  #pushed = 0;

  constructor(init: SpeakerInit) {
    this.#init = init;
    this.#who = `speaker-${init.number}`;
    const { keys, openid, random, sessionId } = init;
    this.#session = new StreamingSession({
      dial: this.#tapped(),
      tickets: new TicketCache(() => signTicket(openid, keys), systemClock),
      clock: systemClock,
      random: () => random.next(),
      clientId: () => `chaos-client-${init.number}`,
      newSessionId: () => sessionId,
      store: null,
      surroundings: { onHide: () => () => {}, onWake: () => () => {} },
      active: new Set(),
    });
    this.#session.on('state', (change) => this.#note('state', { ...change }));
    this.#session.on('error', ({ code }) => this.#note('error', { code }));
    this.#session.on('loss', (loss) => this.#note('loss', { ...loss }));
  }

  get lines(): readonly Line[] {
    return this.#session.lines;
  }
  get recordedMs(): number {
    return Math.round((this.#pushed * 1000) / RATE_HZ);
  }

  /** Says everything, then stops. @param onStop called when `stop` has gone out */
  async speak(onStop: () => void): Promise<Spoken> {
    const { number } = this.#init;
    // half of them want more, shorter sentences with word times
    const fine = number % 2 === 0;
    this.#session
      .start({ wordTimes: fine, ...(fine && { silenceMs: 500 }) })
      .catch((error: Error) => this.#note('start failed', { message: error.message }));
    await this.#push();
    const stopped = this.#session.stop();
    const begun = performance.now();
    this.#note('stop');
    onStop();
    const failure = await bounded(stopped, this.#init.stopWithinMs);
    this.#note('stopped', { failure });
    const { losses } = this.#session.status;
    const spoken = {
      lines: this.#session.lines,
      lossMs: losses.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
      stopMs: Math.round(performance.now() - begun),
      failure,
    };
    this.#session.dispose();
    return spoken;
  }

  async #push(): Promise<void> {
    const { pcm } = this.#init;
    const begun = performance.now();
    while (this.#pushed < pcm.length) {
      await new Promise((tick) => setTimeout(tick, FRAME_MS));
      const due = Math.min(pcm.length, Math.floor(((performance.now() - begun) * RATE_HZ) / 1000));
      this.#session.push(pcm.slice(this.#pushed, due).buffer);
      this.#pushed = due;
    }
  }

  /** The transport, with every event and answer noted as it passes. */
  #tapped(): TransportDial {
    const { port, number } = this.#init;
    const ws = nodeWs(`ws://127.0.0.1:${port}`);
    const dial: typeof ws = (request) =>
      ws({ ...request, header: { ...request.header, [SPEAKER_HEADER]: String(number) } });
    const transport = socketIODial(() => ({ service: '', dial, platform: null }));
    return (ticket, handlers) => {
      const connection = transport(ticket, {
        opened: () => {
          this.#note('up');
          handlers.opened();
        },
        refused: (error, reason) => {
          this.#note('refused', { code: error?.code, reason });
          handlers.refused(error, reason);
        },
        closed: (reason) => {
          this.#note('down', { reason });
          handlers.closed(reason);
        },
        event: (name, payload) => {
          this.#note(`event ${name}`, { ...(payload as object), words: undefined });
          handlers.event(name, payload);
        },
      });
      return {
        ...connection,
        emit: this.#repeating(connection.emit),
        request: (event, args, timeoutMs, done) =>
          connection.request(event, args, timeoutMs, (outcome) => {
            this.#note(`answer ${event}`, { outcome });
            done(outcome);
          }),
      };
    };
  }

  /** Now and then sends the frame before once more, as a client may: overlap is trimmed, not said twice. */
  #repeating(emit: Connection['emit']): Connection['emit'] {
    const { random, repeatChance } = this.#init;
    let before: unknown[] | undefined;
    return (event, ...args) => {
      if (event === 'audio') {
        if (before && random.chance(repeatChance)) emit(event, ...before);
        before = args;
      }
      emit(event, ...args);
    };
  }

  #note(what: string, detail: Record<string, unknown> = {}): void {
    this.#init.timeline.note(this.#who, what, { recordedMs: this.recordedMs, ...detail });
  }
}

/** @returns what went wrong, undefined: nothing */
async function bounded(work: Promise<unknown>, ms: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${ms / 1000} s`), ms);
  });
  const done = work.then(
    () => undefined,
    (error: Error) => `${error.name}: ${error.message}`,
  );
  const outcome = await Promise.race([done, late]);
  clearTimeout(timer);
  return outcome;
}
