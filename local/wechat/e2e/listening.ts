import fs from 'node:fs';
import { readWav, toMono } from '../../../lib/wav.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { AppPage } from './app-page.ts';

const RATE_HZ = 16_000;
/** Correlation works on every eighth sample of a low-passed signal: speech has its energy below 1 kHz. */
const STEP = 8;
const FRAME_MS = 20;
/** Samples at the original rate that are averaged. */
const average = (pcm: Int16Array): Float64Array =>
  Float64Array.from({ length: Math.floor(pcm.length / STEP) }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < STEP; k++) sum += pcm[i * STEP + k] as number;
    return sum / STEP;
  });

export const readMono = (file: string): Int16Array => toMono(readWav(fs.readFileSync(file)));

interface Place {
  at: number;
  /** 1 is the same sound. */
  correlation: number;
}

/** The place of `needle` in `haystack` between two positions. */
function bestPlace(haystack: ArrayLike<number>, needle: ArrayLike<number>, from: number, to: number): Place {
  let power = 0;
  for (let i = 0; i < needle.length; i++) power += (needle[i] as number) ** 2;
  let best = { at: from, correlation: 0 };
  for (let at = Math.max(0, from); at <= Math.min(to, haystack.length - needle.length); at++) {
    let [product, energy] = [0, 0];
    for (let i = 0; i < needle.length; i++) {
      const sample = haystack[at + i] as number;
      product += sample * (needle[i] as number);
      energy += sample ** 2;
    }
    const correlation = energy > 0 ? product / Math.sqrt(energy * power) : 0;
    if (correlation > best.correlation) best = { at, correlation };
  }
  return best;
}

/** Where `piece` is in `whole`, and how well it fits there: first roughly, then to the sample. */
export function findIn(whole: Int16Array, piece: Int16Array): { ms: number; correlation: number } {
  const [rough, part] = [average(whole), average(piece)];
  const near = bestPlace(rough, part, 0, rough.length).at * STEP;
  const { at, correlation } = bestPlace(whole, piece, near - STEP, near + STEP);
  return { ms: (at * 1000) / RATE_HZ, correlation };
}

/** When speech begins after each pause of at least `pauseMs`, ms. */
export function utteranceStarts(pcm: Int16Array, pauseMs: number): number[] {
  const frame = (RATE_HZ * FRAME_MS) / 1000;
  const starts: number[] = [];
  let quietMs = Number.POSITIVE_INFINITY;
  for (let at = 0; at + frame <= pcm.length; at += frame) {
    const loud = pcm.subarray(at, at + frame).some((sample) => Math.abs(sample) > 1_000);
    if (loud && quietMs >= pauseMs) starts.push((at * 1000) / RATE_HZ);
    quietMs = loud ? 0 : quietMs + FRAME_MS;
  }
  return starts;
}

/** The app as someone hears and handles it who plays a record. */
export class Listener {
  readonly #appPage: AppPage;

  constructor(appPage: AppPage) {
    this.#appPage = appPage;
  }

  /** Answers the question of the recording page. */
  async decide(keep: boolean): Promise<void> {
    await this.#appPage.button('选择是否保留录音').click();
    await this.#appPage
      .button(keep ? '保留' : '不保留')
      .last()
      .click();
    await this.#appPage.find('.keep').waitFor({ state: 'detached' });
  }

  /** Names of the files in one of the app's folders. */
  files(folder: 'voice-audio' | 'voice-play'): Promise<string[]> {
    return this.#appPage.app.evaluate(
      (name) =>
        new Promise<string[]>((resolve) => {
          wx.getFileSystemManager().readdir({
            dirPath: `${wx.env.USER_DATA_PATH}/${name}`,
            success: ({ files }) => resolve(files),
            fail: () => resolve([]),
          });
        }),
      folder,
    );
  }

  /** Writes a recording of an earlier time, of silence. */
  async placeRecording(sessionId: string, minutes: number): Promise<void> {
    await this.#appPage.app.evaluate(
      async ([id, count]) => {
        const files = wx.getFileSystemManager();
        const dirPath = `${wx.env.USER_DATA_PATH}/voice-audio`;
        await new Promise((complete) => files.mkdir({ dirPath, recursive: true, complete }));
        const data = new ArrayBuffer(30 * 8_004);
        for (let i = 0; i < count; i++)
          await new Promise((complete) =>
            files.writeFile({
              filePath: `${dirPath}/${id}.1000.16000.${i * 480_000}.480000.adpcm`,
              data,
              complete,
            }),
          );
      },
      [sessionId, minutes * 2] as const,
    );
  }

  /** Adds half a minute of silence to the one recording that is kept, so many seconds behind its end. */
  async placeBehindHole(seconds: number): Promise<void> {
    await this.#appPage.app.evaluate(async (hole) => {
      const files = wx.getFileSystemManager();
      const dirPath = `${wx.env.USER_DATA_PATH}/voice-audio`;
      const [name = ''] = await new Promise<string[]>((resolve) =>
        files.readdir({ dirPath, success: (result) => resolve(result.files) }),
      );
      const [id, startedAt, rateHz, fromPos, samples] = name.split('.');
      const pos = Number(fromPos) + Number(samples) + hole * Number(rateHz);
      const filePath = `${dirPath}/${id}.${startedAt}.${rateHz}.${pos}.480000.adpcm`;
      // Blocks of 16,000 samples, all 0: the last four bits of each hold none, as the fourth byte says.
      const blocks = new Uint8Array(30 * 8_004);
      for (let at = 3; at < blocks.length; at += 8_004) blocks[at] = 1;
      await new Promise((complete) => files.writeFile({ filePath, data: blocks.buffer, complete }));
    }, seconds);
  }

  /** The audio that is being played, and how far. */
  async playing(): Promise<{ pcm: Int16Array; seconds: number; speed: number }> {
    const what = 'sound';
    const sound = await waitUntil(
      () =>
        this.#appPage.app.evaluate(async () => {
          const audio = [...document.querySelectorAll('audio')].find(({ paused }) => !paused);
          if (audio === undefined) return null;
          const bytes = new Uint8Array(await (await fetch(audio.src)).arrayBuffer());
          const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
          return { base64, seconds: audio.currentTime, speed: audio.playbackRate };
        }),
      (found) => found !== null && found.seconds > 0,
      { timeoutMs: 15_000, what },
    );
    const { base64 = '', seconds = 0, speed = 0 } = sound ?? {};
    return { pcm: readWav(Buffer.from(base64, 'base64')).samples, seconds, speed };
  }

  isSilent(): Promise<boolean> {
    return this.#appPage.app.evaluate(() =>
      [...document.querySelectorAll('audio')].every(({ paused }) => paused),
    );
  }

  /** Index of the row that is marked as being played; -1: none. */
  async marked(): Promise<number> {
    const id = await this.#appPage
      .find('.line-playing')
      .getAttribute('id')
      .catch(() => null);
    return id === null ? -1 : Number(id.replace('line-', ''));
  }
}
