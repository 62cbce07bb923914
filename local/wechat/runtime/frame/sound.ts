/** Something that can be recorded instead of the microphone. */
export interface Sound {
  title: string;
  durationMs: number;
  /** Mono samples from -1 to 1 at this rate. */
  at(rateHz: number): Promise<Float32Array<ArrayBuffer>>;
}

/** The rate at which recordings are recognised, and at which a sound is decoded first. */
const USUAL_RATE_HZ = 16_000;
const MAX_FILE_BYTES = 100 * 1024 * 1024;
/** The browser decodes a file as a whole: 15 minutes of stereo at 48 kHz take about 350 MB for a moment. */
const MAX_DURATION_MS = 15 * 60_000;
const MIN_DURATION_MS = 300;
/** Longest wait for the length of a file, ms. */
const METADATA_WITHIN_MS = 10_000;

/** A file that cannot be used; the message says why, in Chinese, for people. */
export class BadSound extends Error {
  override readonly name = 'BadSound';
}

const decode = async (bytes: ArrayBuffer, rateHz: number): Promise<Float32Array<ArrayBuffer>> => {
  // Decoding in a context of this rate also resamples; it takes the buffer away, so it gets a copy.
  const decoded = await new OfflineAudioContext(1, 1, rateHz).decodeAudioData(bytes.slice(0));
  const mono = decoded.getChannelData(0).slice();
  for (let channel = 1; channel < decoded.numberOfChannels; channel++)
    for (const [i, value] of decoded.getChannelData(channel).entries()) mono[i] = (mono[i] ?? 0) + value;
  return decoded.numberOfChannels === 1 ? mono : mono.map((sum) => sum / decoded.numberOfChannels);
};

/**
 * Decodes a recording.
 * @throws BadSound where the browser cannot, or nothing is in it
 */
export const soundOf = async (title: string, bytes: ArrayBuffer): Promise<Sound> => {
  const usual = await decode(bytes, USUAL_RATE_HZ).catch(() => {
    throw new BadSound(`浏览器读不懂「${title}」：请换成 WAV 或 MP3`);
  });
  const durationMs = (usual.length * 1000) / USUAL_RATE_HZ;
  if (durationMs < MIN_DURATION_MS) throw new BadSound(`「${title}」里几乎没有声音（不到 0.3 秒）`);
  if (!usual.some((value) => value !== 0)) throw new BadSound(`「${title}」全是静音`);
  return {
    title,
    durationMs,
    at: async (rateHz) => (rateHz === USUAL_RATE_HZ ? usual : decode(bytes, rateHz)),
  };
};

/** Length of a file as its header says it, before it is decoded; undefined where it does not say. */
const declaredDurationMs = (file: File): Promise<number | undefined> =>
  new Promise((resolve) => {
    const url = URL.createObjectURL(file);
    const audio = new Audio();
    const done = (durationMs: number | undefined): void => {
      clearTimeout(timer);
      audio.removeAttribute('src');
      URL.revokeObjectURL(url);
      resolve(durationMs);
    };
    const timer = setTimeout(() => done(undefined), METADATA_WITHIN_MS);
    audio.preload = 'metadata';
    audio.onloadedmetadata = () => done(Number.isFinite(audio.duration) ? audio.duration * 1000 : undefined);
    audio.onerror = () => done(undefined);
    audio.src = url;
  });

/**
 * Reads a file that somebody chose.
 * @throws BadSound that says what is wrong with it
 */
export const soundFromFile = async (file: File): Promise<Sound> => {
  if (file.size === 0) throw new BadSound(`「${file.name}」是空的`);
  if (file.size > MAX_FILE_BYTES)
    throw new BadSound(`「${file.name}」超过 ${MAX_FILE_BYTES / 1024 / 1024} MB：请先剪短，或存成 MP3`);
  const declaredMs = await declaredDurationMs(file);
  if (declaredMs !== undefined && declaredMs > MAX_DURATION_MS)
    throw new BadSound(
      `「${file.name}」长 ${Math.ceil(declaredMs / 60_000)} 分钟，最多 ${MAX_DURATION_MS / 60_000} 分钟：请先剪短`,
    );
  return soundOf(file.name, await file.arrayBuffer());
};
