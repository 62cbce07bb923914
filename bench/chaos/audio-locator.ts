/** Samples that identify a position: the watermark has five values, so 16 samples agree by chance once in 10^11. */
const KEY_SAMPLES = 16;
/** Distance between indexed positions, samples. Audio reaches the recogniser in much longer runs. */
const GRID_SAMPLES = 160;
/** The same in a block of ADPCM, of which only a short piece may be new. */
const BLOCK_GRID_SAMPLES = 16;

/** Where a key occurs: `at` in `source`, samples. */
interface Place {
  source: SpeakerAudio;
  at: number;
}

interface SpeakerPosition {
  speaker: number;
  pos: number;
}

/** A run of one speaker's audio in a recording. `pos`: where it begins in the speaker's audio. */
export interface AudioRun extends SpeakerPosition {
  /** Where in the recording it begins, samples. */
  at: number;
  samples: number;
}

/** Audio to be found: all of a speaker's, or a block of it as ADPCM has changed it. */
export interface SpeakerAudio extends SpeakerPosition {
  pcm: Int16Array;
}

/** Finds the speakers' watermarked audio in what the recogniser received, to the sample. */
export class AudioLocator {
  /** Of each key. Blocks of ADPCM may begin alike: their first steps are too coarse for the watermark. */
  readonly #places = new Map<string, Place[]>();
  readonly #blocks: readonly SpeakerAudio[];

  /** @param speakers the audio of each speaker @param blocks what of it was sent otherwise: that is not the same to the sample */
  constructor(speakers: readonly Int16Array[], blocks: readonly SpeakerAudio[] = []) {
    this.#blocks = blocks;
    for (const block of blocks) this.#index(block, BLOCK_GRID_SAMPLES);
    for (const [speaker, pcm] of speakers.entries()) this.#index({ speaker, pos: 0, pcm }, GRID_SAMPLES);
  }

  #index(source: SpeakerAudio, gridSamples: number): void {
    const { pcm } = source;
    for (let at = 0; at + KEY_SAMPLES <= pcm.length; at += gridSamples) {
      const key = keyAt(pcm, at);
      const places = this.#places.get(key);
      if (places) places.push({ source, at });
      else this.#places.set(key, [{ source, at }]);
    }
  }

  /** The runs in one recording, in order. Audio of no speaker (silence inserted by the container) is skipped. */
  locate(recording: Int16Array): AudioRun[] {
    const runs: AudioRun[] = [];
    for (let at = 0; at + KEY_SAMPLES <= recording.length; ) {
      const places = isZero(recording, at) ? undefined : this.#places.get(keyAt(recording, at));
      if (!places) at++;
      else {
        let run = this.#longest(recording, at, places, runs.at(-1));
        for (; run; run = this.#shortRestBehind(recording, run)) {
          runs.push(run);
          at = run.at + run.samples;
        }
      }
    }
    return runs;
  }

  /**
   * The rest of a block, too short to hold a key for sure, that follows a run without a gap, in the speaker's audio as in
   * the recording, to its last sample.
   */
  #shortRestBehind(recording: Int16Array, { speaker, pos, at, samples }: AudioRun): AudioRun | undefined {
    const [fromPos, from] = [pos + samples, at + samples];
    for (const block of this.#blocks) {
      const restSamples = block.pos + block.pcm.length - fromPos;
      const isShort = restSamples > 0 && restSamples < KEY_SAMPLES + BLOCK_GRID_SAMPLES;
      if (block.speaker !== speaker || block.pos > fromPos || !isShort) continue;
      const rest = block.pcm.subarray(fromPos - block.pos);
      if (rest.every((sample, i) => sample === recording[from + i]))
        return { speaker, pos: fromPos, at: from, samples: restSamples };
    }
    return undefined;
  }

  /** The match that agrees with the recording for longest. */
  #longest(
    recording: Int16Array,
    at: number,
    places: readonly Place[],
    previous: AudioRun | undefined,
  ): AudioRun | undefined {
    let longest: AudioRun | undefined;
    for (const place of places) {
      const run = this.#extend(recording, at, place, previous);
      if (!longest || run.samples > longest.samples) longest = run;
    }
    return longest;
  }

  /** Extends a match backwards, at most to the end of the previous run, and forwards as far as the samples agree. */
  #extend(recording: Int16Array, at: number, place: Place, previous: AudioRun | undefined): AudioRun {
    const { speaker, pos: firstPos, pcm: source } = place.source;
    const pos = place.at;
    const floor = previous ? previous.at + previous.samples : 0;
    let back = 0;
    while (pos - back > 0 && at - back > floor && source[pos - back - 1] === recording[at - back - 1]) back++;
    let ahead = KEY_SAMPLES;
    while (
      at + ahead < recording.length &&
      pos + ahead < source.length &&
      source[pos + ahead] === recording[at + ahead]
    )
      ahead++;
    return { speaker, pos: firstPos + pos - back, at: at - back, samples: back + ahead };
  }
}

const keyAt = (pcm: Int16Array, at: number): string =>
  String.fromCharCode(...pcm.subarray(at, at + KEY_SAMPLES));

const isZero = (pcm: Int16Array, at: number): boolean => {
  for (let i = 0; i < KEY_SAMPLES; i++) if (pcm[at + i] !== 0) return false;
  return true;
};

/** Which samples of one speaker's audio reached the recogniser at least once. */
export class Coverage {
  readonly #covered: Uint8Array;

  /** @param length of the speaker's audio, samples */
  constructor(length: number) {
    this.#covered = new Uint8Array(length);
  }

  add({ pos, samples }: { pos: number; samples: number }): void {
    this.#covered.fill(1, pos, pos + samples);
  }

  /** The ranges of `[from, to)` that never reached the recogniser. */
  missing(from: number, to: number): { from: number; to: number }[] {
    const holes: { from: number; to: number }[] = [];
    for (let pos = from; pos < to; ) {
      const start = this.#covered.indexOf(0, pos);
      if (start < 0 || start >= to) break;
      const next = this.#covered.indexOf(1, start);
      const end = next < 0 ? to : Math.min(next, to);
      holes.push({ from: start, to: end });
      pos = end;
    }
    return holes;
  }
}
