import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { readWav } from '../../../lib/wav.ts';
import { type LocalCloud, startLocalCloud } from '../../start.ts';
import { startWechatHost, type WechatHost, type WechatHostOptions } from '../host.ts';
import { launchBrowser } from '../testing/browser.ts';
import { AppPage } from './app-page.ts';

const MINIPROGRAM = fileURLToPath(new URL('../../../miniprogram/', import.meta.url));
export const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** A recording that the browser's microphone plays, and the sentences spoken in it. */
interface SpeechSample {
  wav: string;
  sentences: string[];
}

const readSpeech = (wav: string, text: string): SpeechSample => ({
  wav: path.resolve(wav),
  sentences: fs
    .readFileSync(text, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== ''),
});

/** The project's own sample; the local recogniser knows all its sentences. */
export const MEETING = readSpeech(path.join(SAMPLES, 'meeting.wav'), path.join(SAMPLES, 'meeting.txt'));

/** A sample of one's own: `E2E_WAV`, and its text in the file `E2E_TEXT`, a sentence a line. */
export const speechFromEnvironment = (): SpeechSample | undefined => {
  const { E2E_WAV: wav, E2E_TEXT: text } = process.env;
  return wav === undefined || text === undefined ? undefined : readSpeech(wav, text);
};

/** Length of a PCM WAV file. */
export const durationMs = (file: string): number => {
  const { samples, channels, sampleRateHz } = readWav(fs.readFileSync(file));
  return (samples.length / channels / sampleRateHz) * 1000;
};

/** The whole cloud on this machine, with its page, and a browser whose microphone plays a recording. */
export interface TestBed {
  cloud: LocalCloud;
  host: WechatHost;
  browser: Browser;
  /** @param initScript runs in the page before the app */
  openApp(route?: string, initScript?: string): Promise<AppPage>;
  stop(): Promise<void>;
}

/**
 * @param appDir another mini-program than the project's own
 * @param app how it is built
 */
export const startTestBed = async (
  speech: SpeechSample = MEETING,
  appDir = MINIPROGRAM,
  app: Pick<WechatHostOptions, 'foreign' | 'nodeModules'> = {},
): Promise<TestBed> => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'e2e-cloud-'));
  const closing: (() => Promise<unknown>)[] = [
    async () => fs.rmSync(dataDir, { recursive: true, force: true }),
  ];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    // The page is served here, without watching the source: a reload would end what a test is doing.
    const cloud = await startLocalCloud({ dataDir, page: false });
    closing.push(() => cloud.stop());
    const host = await startWechatHost({
      ...app,
      port: 0,
      appDir,
      containerUrls: () => [cloud.urls.container],
      gatewayUrl: cloud.urls.gateway,
      users: Object.entries(cloud.users).map(([name, openid]) => ({ name: `用户 ${name}`, openid })),
      demo: { phrases: speech.sentences },
    });
    closing.push(() => host.stop());
    const browser = await launchBrowser(speech.wav);
    closing.push(() => browser.close());
    return { cloud, host, browser, openApp: (...args) => AppPage.open(browser, host.url, ...args), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
