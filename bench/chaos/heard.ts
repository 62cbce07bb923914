/** Samples that identify a place: marks have five values, so 16 of them are one in 10^11. */
const KEY_SAMPLES = 16;
/** Places that can be found, samples apart. Audio reaches the recogniser in runs much longer than this. */
const GRID_SAMPLES = 160;

interface Place {
  speaker: number;
  pos: number;
}

/** A run of one speaker's audio in a recording. */
export interface HeardRun extends Place {
  /** Where in the recording it begins, samples. */
  at: number;
  samples: number;
}

/** Finds the speakers' audio in what the recogniser received, to the sample. */
export class SourceIndex {
  readonly #sources: readonly Int16Array[];
  readonly #places = new Map<string, Place>();

  constructor(sources: readonly Int16Array[]) {
    this.#sources = sources;
    for (const [speaker, pcm] of sources.entries())
      for (let pos = 0; pos + KEY_SAMPLES <= pcm.length; pos += GRID_SAMPLES)
        this.#places.set(keyAt(pcm, pos), { speaker, pos });
  }

  /** The runs in one recording, in order. What is nobody's (injected silence) is passed over. */
  locate(recording: Int16Array): HeardRun[] {
    const runs: HeardRun[] = [];
    for (let at = 0; at + KEY_SAMPLES <= recording.length; ) {
      const place = isSilence(recording, at) ? undefined : this.#places.get(keyAt(recording, at));
      if (!place) at++;
      else {
        const run = this.#grow(recording, at, place, runs.at(-1));
        runs.push(run);
        at = run.at + run.samples;
      }
    }
    return runs;
  }

  /** The run around a place that matched: backwards to the end of the run before, forwards as far as samples agree. */
  #grow(recording: Int16Array, at: number, { speaker, pos }: Place, before: HeardRun | undefined): HeardRun {
    const source = this.#sources[speaker] as Int16Array;
    const floor = before ? before.at + before.samples : 0;
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

const isSilence = (pcm: Int16Array, at: number): boolean => {
  for (let i = 0; i < KEY_SAMPLES; i++) if (pcm[at + i] !== 0) return false;
  return true;
};

/** Positions of one speaker that were heard at least once. */
export class Coverage {
  readonly #heard: Uint8Array;

  constructor(length: number) {
    this.#heard = new Uint8Array(length);
  }

  add({ pos, samples }: { pos: number; samples: number }): void {
    this.#heard.fill(1, pos, pos + samples);
  }

  /** Stretches of `[from, to)` that were never heard. */
  missing(from: number, to: number): { from: number; to: number }[] {
    const holes: { from: number; to: number }[] = [];
    for (let pos = from; pos < to; ) {
      const start = this.#heard.indexOf(0, pos);
      if (start < 0 || start >= to) break;
      const next = this.#heard.indexOf(1, start);
      const end = next < 0 ? to : Math.min(next, to);
      holes.push({ from: start, to: end });
      pos = end;
    }
    return holes;
  }
}
