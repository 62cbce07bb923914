import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BYTES_PER_SAMPLE, msToSamples } from '../../contract/limits.ts';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Random } from '../../lib/random.ts';
import type { Line, VoiceOptions } from '../../miniprogram/voice/session/voice-session.types.ts';
import { AudioLocator, Coverage } from './audio-locator.ts';
import type { Cluster } from './cluster.ts';
import type { FaultPlan } from './plan.ts';
import { cutScript, RATE_HZ, renderAudio, type Script } from './script.ts';
import { Speaker, type SpeakerResult } from './speaker.ts';
import type { Timeline } from './timeline.ts';
import type { SpeakerOutcome } from './verify.ts';

/** The speakers begin one after the other, this far apart, ms. */
export const STAGGER_MS = 350;

/** A recording that is shortened goes on for at least this long, so that its new end is not behind it already, ms. */
const CUT_AHEAD_MS = 100;

export interface SpeakersInit {
  seed: number;
  scripts: readonly Script[];
  timeline: Timeline;
  cluster: Cluster;
  stopWithinMs: number;
  /** Probability that a phone sends a frame twice, 0 … 1. */
  repeatChance: number;
  shortRing?: FaultPlan['shortRing'];
  voiceOptionsOf: (speaker: number) => VoiceOptions;
  /** What a phone's screen shows has changed. */
  onLines?: (speaker: number, lines: readonly Line[]) => void;
}

const openidOf = (speaker: number): string => `oChaos${speaker}`;

/** All speakers of a run, one script each, and what became of their audio. */
export class Speakers {
  readonly #init: SpeakersInit;
  readonly #scripts: Script[];
  /** The audio of each speaker. */
  readonly #audio: readonly Int16Array[];
  readonly #speakers: readonly Speaker[];
  /** The speaker whose audio an upstream connection received, by voice id; known once the outcomes are. */
  readonly #speakerOf = new Map<string, number>();

  constructor(init: SpeakersInit) {
    this.#init = init;
    const { seed, scripts, cluster, shortRing, onLines, voiceOptionsOf } = init;
    const { timeline, stopWithinMs, repeatChance } = init;
    this.#scripts = [...scripts];
    this.#audio = scripts.map(renderAudio);
    const keys = parseTicketKeys(cluster.ticketSecret);
    this.#speakers = this.#audio.map(
      (pcm, number) =>
        new Speaker({
          number,
          sessionId: this.#sessionIdOf(number),
          openid: openidOf(number),
          keys,
          port: cluster.clientLinks[number]?.port ?? 0,
          pcm,
          random: new Random(`client/${seed}/${number}`),
          timeline,
          stopWithinMs,
          repeatChance,
          voiceOptions: voiceOptionsOf(number),
          onLines: (lines) => onLines?.(number, lines),
          ...(shortRing?.speaker === number && { ringMs: shortRing.ringMs }),
        }),
    );
  }

  get speakerOf(): ReadonlyMap<string, number> {
    return this.#speakerOf;
  }
  /** Sentences on all screens. */
  get shownLines(): number {
    return this.#speakers.reduce((sum, { lines }) => sum + lines.length, 0);
  }
  /** What they say; a script is shorter after {@link endSoon}. */
  get scripts(): readonly Script[] {
    return this.#scripts;
  }
  /** How long each recording is so far, ms. */
  get recordedMs(): readonly number[] {
    return this.#speakers.map(({ recordedMs }) => recordedMs);
  }
  /** When each recording began, ms of the timeline; undefined: it has not. */
  get beganAtMs(): readonly (number | undefined)[] {
    return this.#speakers.map(({ beganAtMs }) => beganAtMs);
  }

  /**
   * Lets all talk; resolves when the last session is over.
   * @param onStop called with the speaker that has just sent `stop`
   */
  talk(onStop: (speaker: number) => void = () => {}): Promise<SpeakerResult[]> {
    return Promise.all(
      this.#speakers.map(async (speaker, number) => {
        await sleep(systemClock, number * STAGGER_MS);
        return speaker.run(() => onStop(number));
      }),
    );
  }

  /** Lets each say the phrase that it is in, and no more. */
  endSoon(): void {
    for (const [number, speaker] of this.#speakers.entries()) {
      const pos = msToSamples(speaker.recordedMs + CUT_AHEAD_MS, RATE_HZ);
      const script = cutScript(this.#scripts[number] as Script, pos);
      this.#scripts[number] = script;
      speaker.endAt(script.length);
    }
  }

  /** Adds to what each phone has which of its audio reached the recogniser. */
  outcomesOf(results: readonly SpeakerResult[]): SpeakerOutcome[] {
    const coverage = this.#locateAudio();
    return results.map((result, number) => ({
      number,
      openid: openidOf(number),
      sessionId: this.#sessionIdOf(number),
      script: this.#scripts[number] as Script,
      coverage: coverage[number] as Coverage,
      mayLose: this.#init.shortRing?.speaker === number,
      ...result,
    }));
  }

  #sessionIdOf(speaker: number): string {
    return `chaos-${this.#init.seed}-speaker-${speaker}`;
  }

  /** Finds the speakers' audio in the recordings of all upstream connections. @returns the coverage of each speaker */
  #locateAudio(): Coverage[] {
    const { recordDir } = this.#init.cluster;
    const blocks = this.#speakers.flatMap(({ encodedAudio }, speaker) =>
      encodedAudio.map((block) => ({ speaker, ...block })),
    );
    const locator = new AudioLocator(this.#audio, blocks);
    const coverage = this.#audio.map(({ length }) => new Coverage(length));
    for (const name of readdirSync(recordDir)) {
      const file = readFileSync(join(recordDir, name));
      const pcm = new Int16Array(file.buffer, file.byteOffset, Math.floor(file.length / BYTES_PER_SAMPLE));
      for (const run of locator.locate(pcm)) {
        coverage[run.speaker]?.add(run);
        this.#speakerOf.set(name.replace(/\.pcm$/, ''), run.speaker);
      }
    }
    return coverage;
  }
}
