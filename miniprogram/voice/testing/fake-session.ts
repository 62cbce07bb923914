import { VoiceError } from '../../../contract/errors.ts';
import { MAX_FRAME_BYTES, samplesToMs } from '../../../contract/limits.ts';
import type { ResultEvent } from '../../../contract/stream.ts';
import type { Range } from '../session/ring.ts';
import { RATE_HZ, SENTENCE_SAMPLES, textOf } from './audio.ts';

/** What the database holds of a session. */
export interface Stored {
  clientId: string;
  state: 'live' | 'completed';
  texts: string[];
  committedPos: number;
  losses: Range[];
  samples: number;
}

/** What a session needs of its container. */
export interface Surface {
  send(event: string, payload: object): void;
  violation(text: string): void;
  /** Samples beyond what was recognised that may be sent. */
  creditSamples(): number;
  /** Samples that the recogniser takes in a second. */
  paceHz(): number;
}

/** A session as one instance holds it: a recogniser that ends a sentence every {@link SENTENCE_SAMPLES}. */
export class FakeSession {
  readonly stored: Stored;
  readonly #id: string;
  readonly #surface: Surface;
  /** Samples from `stored.committedPos` on; null: declared lost. */
  #heard: (number | null)[] = [];
  #heardPos: number;
  #stop: { endPos: number; ack: (answer: unknown) => void } | null = null;

  constructor(id: string, stored: Stored, surface: Surface) {
    this.#id = id;
    this.stored = stored;
    this.#surface = surface;
    this.#heardPos = stored.committedPos;
  }

  get positions() {
    const { state, samples, committedPos, texts } = this.stored;
    return {
      nextPos: state === 'completed' ? samples : committedPos + this.#heard.length,
      committedPos,
      limitPos: this.#heardPos + this.#surface.creditSamples(),
      settledIndex: texts.length - 1,
      hearingPos: this.#heardPos,
    };
  }

  /** A client came (again): it gets the finals above `haveIndex` and the interim. */
  resume(haveIndex: number): void {
    this.#stop = null;
    for (let index = haveIndex + 1; index < this.stored.texts.length; index++) this.#result(index, true);
    if (this.stored.state === 'completed') this.#completed();
    else this.hear(0);
  }

  audio(pos: number, pcm: ArrayBuffer): void {
    const { nextPos, limitPos } = this.positions;
    const samples = [...new Int16Array(pcm)];
    if (pcm.byteLength === 0 || pcm.byteLength > MAX_FRAME_BYTES)
      this.#surface.violation(`frame of ${pcm.byteLength} bytes`);
    if (pos + samples.length > limitPos) {
      this.#surface.violation('audio beyond the credit');
      this.#refuse('TOO_FAST', nextPos);
    } else if (pos > nextPos) {
      this.#refuse('AUDIO_GAP', nextPos);
    } else {
      this.#heard = this.#heard.concat(samples.slice(nextPos - pos));
      this.hear(0);
    }
  }

  skip(range: Range): { nextPos: number } {
    const { nextPos } = this.positions;
    const lost = Math.max(0, range.toPos - nextPos);
    if (range.fromPos > nextPos) this.#surface.violation('a skip beyond a gap');
    if (lost > 0) this.stored.losses.push({ fromPos: nextPos, toPos: nextPos + lost });
    this.#heard = this.#heard.concat(Array.from({ length: lost }, () => null));
    return { nextPos: nextPos + lost };
  }

  stop(endPos: number, ack: (answer: unknown) => void): void {
    if (endPos > this.positions.nextPos) this.#surface.violation('stop before everything was sent');
    this.#stop = { endPos, ack };
    this.hear(0);
  }

  /** The recogniser goes on for `ms`; at unlimited pace it has always heard everything. */
  hear(ms: number): void {
    const paceHz = this.#surface.paceHz();
    const more = paceHz === Number.POSITIVE_INFINITY ? paceHz : (paceHz * ms) / 1000;
    const { stored } = this;
    this.#heardPos = Math.min(this.#heardPos + more, stored.committedPos + this.#heard.length);
    while (this.#heardPos - stored.committedPos >= SENTENCE_SAMPLES) this.#final(SENTENCE_SAMPLES);
    const open = this.#heardPos - stored.committedPos;
    const { endPos, ack } = this.#stop ?? { endPos: Number.POSITIVE_INFINITY };
    if (stored.state === 'live' && this.#heardPos >= endPos) {
      if (open > 0) this.#final(open);
      stored.state = 'completed';
      stored.samples = endPos;
      this.#completed();
    } else if (open > 0) this.#result(stored.texts.length, false);
    if (stored.state === 'completed') ack?.(this.#answer());
  }

  #final(samples: number): void {
    this.stored.texts.push(textOf(this.#heard.slice(0, samples)));
    this.#heard = this.#heard.slice(samples);
    this.stored.committedPos += samples;
    this.#result(this.stored.texts.length - 1, true);
  }

  #result(index: number, final: boolean): void {
    const startPos = index * SENTENCE_SAMPLES;
    const endPos = final ? startPos + SENTENCE_SAMPLES : this.#heardPos;
    const text = final ? (this.stored.texts[index] ?? '') : `… ${endPos}`;
    const [startMs, endMs] = [samplesToMs(startPos, RATE_HZ), samplesToMs(endPos, RATE_HZ)];
    const result: ResultEvent = { sessionId: this.#id, index, text, final, startMs, endMs };
    this.#surface.send('result', result);
  }

  #refuse(code: 'TOO_FAST' | 'AUDIO_GAP', nextPos: number): void {
    this.#surface.send('error', { ...new VoiceError(code).toWire(), sessionId: this.#id, nextPos });
  }

  #completed(): void {
    this.#surface.send('completed', { sessionId: this.#id, state: 'completed', ...this.#answer() });
  }

  #answer() {
    const { texts, samples } = this.stored;
    return { id: this.#id, sentences: texts.length, durationMs: samplesToMs(samples, RATE_HZ) };
  }
}
