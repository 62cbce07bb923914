/** Samples that identify a position: the watermark has five values, so 16 samples agree by chance once in 10^11. */
const KEY_SAMPLES = 16;
/** Distance between indexed positions, samples. Audio reaches the recogniser in much longer runs. */
const GRID_SAMPLES = 160;

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

/** Finds the speakers' watermarked audio in what the recogniser received, to the sample. */
export class AudioLocator {
  readonly #sources: readonly Int16Array[];
  readonly #positions = new Map<string, SpeakerPosition>();

  /** @param sources the audio of each speaker */
  constructor(sources: readonly Int16Array[]) {
    this.#sources = sources;
    for (const [speaker, pcm] of sources.entries())
      for (let pos = 0; pos + KEY_SAMPLES <= pcm.length; pos += GRID_SAMPLES)
        this.#positions.set(keyAt(pcm, pos), { speaker, pos });
  }

  /** The runs in one recording, in order. Audio of no speaker (silence inserted by the container) is skipped. */
  locate(recording: Int16Array): AudioRun[] {
    const runs: AudioRun[] = [];
    for (let at = 0; at + KEY_SAMPLES <= recording.length; ) {
      const position = isZero(recording, at) ? undefined : this.#positions.get(keyAt(recording, at));
      if (!position) at++;
      else {
        const run = this.#extend(recording, at, position, runs.at(-1));
        runs.push(run);
        at = run.at + run.samples;
      }
    }
    return runs;
  }

  /** Extends a match backwards, at most to the end of the previous run, and forwards as far as the samples agree. */
  #extend(
    recording: Int16Array,
    at: number,
    { speaker, pos }: SpeakerPosition,
    previous: AudioRun | undefined,
  ): AudioRun {
    const source = this.#sources[speaker] as Int16Array;
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
    return { speaker, pos: pos - back, at: at - back, samples: back + ahead };
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
