import { connectionLostFailure, failureOfCode } from '../container/src/asr/failures.ts';
import { recognitionParams } from '../container/src/asr/request.ts';
import type {
  AsrConnection,
  AsrFailure,
  AsrHandlers,
  AsrParams,
  AsrSentence,
  AsrWord,
} from '../container/src/asr/types.ts';
import type { Random } from '../lib/random.ts';
import type { Scheduler, SimulatedHost } from './scheduler.ts';
import { firstEndingAfter, RATE_HZ, type SpokenWord, spokenAt } from './speech.ts';

/** Audio is looked at this often, ms. */
const HOP_MS = 10;
const HOP_SAMPLES = (RATE_HZ * HOP_MS) / 1000;
/** An interim at most this often, ms of audio. */
const INTERIM_MS = 400;
/** A word is stable when so much audio behind it was heard, ms; … */
const STABLE_AFTER_MS = 1_500;
/** … until then it is told to have been said this much earlier, ms. */
const UNSTABLE_EARLY_MS = 300;
/** Tencent Cloud 1093/48982: at most 3 s of audio within 1 s (4000), and none for 15 s (4008). */
const MAX_MS_PER_SECOND = 3_000;
const IDLE_MS = 15_000;
/** Of a word that is cut by a forced end so many letters are recognised, and no fewer. */
const MIN_FRAGMENT_LETTERS = 2;

/** What happens to one stream besides recognition. */
export interface StreamFault {
  /** After this much audio, ms. */
  afterMs: number;
  kind: 'code' | 'drop' | 'stall';
  code?: number;
}

interface HeardWord {
  index: number;
  /** A word is recognised where its middle was heard, so that a cut gives it to one side. */
  hasMiddle: boolean;
  startMs: number;
  endMs: number;
}

export interface RecogniserOptions {
  /** The service's own time: a container's pause and its wrong clock do not change it. */
  scheduler: Scheduler;
  /** Streams that the account may have at the same time; beyond it 4006. */
  maxStreams: number;
  /** A sentence is ended by force after this time, ms. */
  maxSpeakMs: number;
  random: Random;
  /** Drawn for each stream. */
  faultOf: () => StreamFault | undefined;
  /** What each person says. */
  wordsOf: (speaker: number) => readonly SpokenWord[];
  /** Between audio and what is said about it, ms. */
  latencyMs: () => number;
  /** A stream was accepted. */
  onOpened?: () => void;
}

/** The recogniser of all containers: it reads who speaks and what from the audio itself. */
export class SimRecogniser {
  readonly options: RecogniserOptions;
  /** Audio received in all, ms. */
  heardMs = 0;
  #made = 0;
  readonly #open = new Set<SimStream>();

  constructor(options: RecogniserOptions) {
    this.options = options;
  }

  /** @param party the container: its death ends the stream */
  connect(party: SimulatedHost, params: AsrParams, handlers: AsrHandlers): AsrConnection {
    this.#made += 1;
    // As the real one does, it throws where the parameters make no URL.
    for (const value of Object.values(recognitionParams(params))) encodeURIComponent(value);
    return new SimStream(this, party, `voice-${this.#made}`, params, handlers);
  }

  get streams(): number {
    return this.#open.size;
  }

  /** Streams of processes that are alive, without those that are being ended. */
  get listening(): number {
    return [...this.#open].filter(({ isListening }) => isListening).length;
  }

  opened(stream: SimStream): void {
    this.#open.add(stream);
    this.options.onOpened?.();
  }

  ended(stream: SimStream): void {
    this.#open.delete(stream);
  }

  /** All streams are dropped. */
  restart(): void {
    for (const stream of this.#open) stream.drop();
  }
}

class SimStream implements AsrConnection {
  readonly voiceId: string;
  readonly bufferedBytes = 0;
  #state: 'dialling' | 'open' | 'ending' | 'over' = 'dialling';
  readonly #service: SimRecogniser;
  readonly #party: SimulatedHost;
  readonly #handlers: AsrHandlers;
  /** Whose audio it was last, and what that person says. */
  #speaker = -1;
  #words: readonly SpokenWord[] = [];
  readonly #silenceMs: number;
  readonly #fault: StreamFault | undefined;
  readonly #spellings = new Map<number, string>();
  #sentMs = 0;
  #sentence: HeardWord[] = [];
  #sentenceIndex = 0;
  #lastLoudMs = 0;
  #lastInterimMs = 0;
  #deliverAtMs = 0;
  /** What came within the last second, oldest first. */
  readonly #window: { atMs: number; ms: number }[] = [];
  #windowMs = 0;
  #lastAudioAtMs = 0;
  #cancelIdle = () => {};

  constructor(
    service: SimRecogniser,
    party: SimulatedHost,
    voiceId: string,
    params: AsrParams,
    handlers: AsrHandlers,
  ) {
    const { options } = service;
    this.#service = service;
    this.#party = party;
    this.#handlers = handlers;
    this.#silenceMs = params.silenceMs;
    this.#fault = options.faultOf();
    this.voiceId = voiceId;
    party.after(20 + options.latencyMs() / 2, () => this.#accept());
  }

  send(pcm: Uint8Array): void {
    if (this.#state === 'over') return;
    if (this.#state !== 'open') throw new Error(`send() while ${this.#state}`);
    const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2);
    const ms = (samples.length * 1000) / RATE_HZ;
    this.#service.heardMs += ms;
    this.#lastAudioAtMs = this.#service.options.scheduler.nowMs;
    if (this.#isTooFast(ms)) {
      this.#fail(failureOfCode(4000));
      return;
    }
    this.#hear(samples);
    const fault = this.#fault;
    if (fault && this.#sentMs >= fault.afterMs && fault.kind !== 'stall')
      this.#fail(fault.kind === 'code' ? failureOfCode(fault.code ?? 5000) : connectionLostFailure('closed'));
  }

  end(): void {
    if (this.#state === 'dialling' || this.#state === 'open') this.#state = 'ending';
    if (this.#isStalled) {
      this.#party.after(10_000, () => this.#fail(connectionLostFailure('final-timeout')));
      return;
    }
    this.#final(this.#sentMs);
    this.#deliver(() => {
      this.#over();
      this.#handlers.finished();
    });
  }

  close(): void {
    this.#over();
  }

  get isListening(): boolean {
    return this.#state === 'open' && this.#party.alive;
  }

  /** The connection breaks. */
  drop(): void {
    this.#fail(connectionLostFailure('closed'));
  }

  get #isStalled(): boolean {
    return this.#fault?.kind === 'stall' && this.#sentMs >= this.#fault.afterMs;
  }

  #accept(): void {
    if (this.#state !== 'dialling') return;
    if (this.#service.streams >= this.#service.options.maxStreams) {
      this.#state = 'over';
      this.#handlers.failed(failureOfCode(4006));
      return;
    }
    this.#state = 'open';
    this.#service.opened(this);
    this.#lastAudioAtMs = this.#service.options.scheduler.nowMs;
    this.#watchIdle();
    this.#handlers.open();
  }

  #over(): void {
    this.#service.ended(this);
    this.#state = 'over';
    this.#cancelIdle();
  }

  #fail(failure: AsrFailure): void {
    if (this.#state === 'over') return;
    const { latencyMs } = this.#service.options;
    this.#cancelIdle();
    this.#party.after(latencyMs(), () => {
      if (this.#state === 'over') return;
      this.#over();
      this.#handlers.failed(failure);
    });
  }

  /** Ends the stream when no audio has come for too long: also that of a container which has died or hangs. */
  #watchIdle(): void {
    const { scheduler } = this.#service.options;
    const leftMs = this.#lastAudioAtMs + IDLE_MS - scheduler.nowMs;
    this.#cancelIdle = scheduler.schedule(leftMs, () => {
      if (scheduler.nowMs - this.#lastAudioAtMs < IDLE_MS) this.#watchIdle();
      else if (this.#party.alive) this.#fail(failureOfCode(4008));
      else this.#over();
    });
  }

  #isTooFast(ms: number): boolean {
    const { nowMs } = this.#service.options.scheduler;
    this.#window.push({ atMs: nowMs, ms });
    this.#windowMs += ms;
    for (let first = this.#window[0]; first && first.atMs <= nowMs - 1_000; first = this.#window[0]) {
      this.#window.shift();
      this.#windowMs -= first.ms;
    }
    return this.#windowMs > MAX_MS_PER_SECOND;
  }

  #hear(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += HOP_SAMPLES) {
      const ms = this.#sentMs + (at * 1000) / RATE_HZ;
      const spoken = spokenAt(samples, Math.min(at + 3, samples.length - 1));
      if (spoken) this.#note(spoken, ms);
      else if (this.#sentence.length > 0 && ms - this.#lastLoudMs >= this.#silenceMs)
        this.#final(this.#lastLoudMs);
      const first = this.#sentence[0];
      if (first && ms - first.startMs >= this.#service.options.maxSpeakMs) this.#final(ms + HOP_MS, true);
    }
    this.#sentMs += (samples.length * 1000) / RATE_HZ;
    if (this.#sentence.length > 0 && this.#sentMs - this.#lastInterimMs >= INTERIM_MS) {
      this.#lastInterimMs = this.#sentMs;
      this.#say(false, this.#sentMs);
    }
  }

  #note({ speaker, ms: spokenMs }: { speaker: number; ms: number }, ms: number): void {
    if (speaker !== this.#speaker) {
      if (this.#speaker >= 0) throw new Error('audio of two people on one stream');
      this.#speaker = speaker;
      this.#words = this.#service.options.wordsOf(speaker);
    }
    const index = firstEndingAfter(this.#words, spokenMs);
    this.#lastLoudMs = ms + HOP_MS;
    const last = this.#sentence.at(-1);
    const word = this.#words[index];
    const middleMs = word ? (word.startMs + word.endMs) / 2 : 0;
    const isMiddle = spokenMs <= middleMs && middleMs < spokenMs + HOP_MS;
    if (last?.index === index) {
      last.hasMiddle ||= isMiddle;
      last.endMs = ms + HOP_MS;
    } else this.#sentence.push({ index, hasMiddle: isMiddle, startMs: ms, endMs: ms + HOP_MS });
  }

  /** @param forced the sentence is ended within speech: of its last word there may be only the beginning */
  #final(endMs: number, forced = false): void {
    if (this.#sentence.length === 0) return;
    this.#say(true, endMs, forced);
    this.#sentence = [];
    this.#sentenceIndex += 1;
  }

  #say(final: boolean, endMs: number, forced = false): void {
    const words: AsrWord[] = [];
    for (const heard of this.#sentence) {
      const stable = final || endMs - heard.endMs >= STABLE_AFTER_MS;
      const earlyMs = stable ? 0 : Math.min(UNSTABLE_EARLY_MS, heard.startMs);
      const text = heard.hasMiddle ? this.#spelled(heard) : forced ? this.#fragment(heard) : '';
      if (text) words.push({ text, startMs: heard.startMs - earlyMs, endMs: heard.endMs - earlyMs, stable });
    }
    const sentence: AsrSentence = {
      index: this.#sentenceIndex,
      text: joined(words),
      final,
      startMs: this.#sentence[0]?.startMs ?? endMs,
      endMs,
      words,
    };
    if (this.#isStalled) return;
    this.#deliver(() => this.#handlers.sentence(sentence));
  }

  /** The first letters of a word that was heard in part, where it is the last one; in Chinese a syllable is heard or not. */
  #fragment({ index, startMs, endMs }: HeardWord): string {
    const word = this.#words[index];
    if (!word || index !== this.#sentence.at(-1)?.index) return '';
    const spelling = this.#spelled({ index });
    const share = (endMs - startMs) / (word.endMs - word.startMs);
    const letters = Math.floor(share * spelling.length);
    return /^[A-Za-z]/.test(spelling) && letters >= MIN_FRAGMENT_LETTERS ? spelling.slice(0, letters) : '';
  }

  /** One stream spells a word always alike; another one may not. */
  #spelled({ index }: Pick<HeardWord, 'index'>): string {
    const known = this.#spellings.get(index);
    if (known !== undefined) return known;
    const spelling = this.#service.options.random.pick(this.#words[index]?.spellings ?? ['']);
    this.#spellings.set(index, spelling);
    return spelling;
  }

  /** In order, whatever the latency. */
  #deliver(run: () => void): void {
    const { latencyMs, scheduler } = this.#service.options;
    this.#deliverAtMs = Math.max(this.#deliverAtMs, scheduler.nowMs + latencyMs());
    this.#party.after(this.#deliverAtMs - scheduler.nowMs, () =>
      scheduler.deliver(this, () => {
        if (this.#state !== 'over' && this.#party.alive) run();
      }),
    );
  }
}

const isLatin = (text: string): boolean => /[A-Za-z0-9]/.test(text);

/** Words of Latin letters are separated. */
const joined = (words: readonly AsrWord[]): string =>
  words.reduce((text, { text: word }) => {
    const separate = text !== '' && isLatin(text.at(-1) ?? '') && isLatin(word);
    return `${text}${separate ? ' ' : ''}${word}`;
  }, '');
