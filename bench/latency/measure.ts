import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { sleep, systemClock } from '../../lib/clock.ts';
import { type LocalCloud, startLocalCloud } from '../../local/start.ts';
import { AppPage } from '../../local/wechat/e2e/app-page.ts';
import { launchBrowser } from '../../local/wechat/testing/browser.ts';
import { Child } from '../processes/child.ts';
import type { SinkLog, SinkTotals } from '../sink/sink.ts';
import { readSpeech } from '../sink/speech.ts';
import { SPEECH } from '../sink/stamp.ts';
import { TimeServer } from './clock.ts';
import type { ClockSync, LatencyProbe } from './page.ts';
import { FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, stampedRecording } from './recording.ts';
import { type Latencies, latenciesOf, type Notes, UnusableNotes } from './stages.ts';

const PAGE_SCRIPT = fileURLToPath(new URL('./page.ts', import.meta.url));
const SINK_SCRIPT = fileURLToPath(new URL('../sink/sink.ts', import.meta.url));
/** Round trips, of which the shortest counts. */
const SYNC_ROUNDS = 300;
/** Of a first recording that is not measured. */
const WARM_UP_FRAMES = 16;
/** What the app says when the record is stored. */
const STORED = '已保存';

export interface Duration {
  /** Speech that is not counted: connecting, and what happens once, is over then, ms. */
  leadMs: number;
  /** Speech that is counted, ms. */
  windowMs: number;
}

export interface Measurement {
  latencies: Latencies;
  /** How wrong times of browser and recogniser may be to each other, ms. */
  clockBoundMs: number;
  /** Of the browser's clock. */
  resolutionMs: number;
  /** Processes that had or wanted a core in the last minute, by core. */
  loadPerCore: number;
  browser: string;
}

interface Parts {
  sink: Child;
  cloud: LocalCloud;
  browser: Browser;
  time: TimeServer;
}

/** The local cloud as `npm start` starts it, with a recogniser that answers at once, and a browser. */
async function startParts(dataDir: string, closing: (() => Promise<unknown>)[]): Promise<Parts> {
  const sink = Child.spawn('sink', ['--import', 'tsx', SINK_SCRIPT]);
  sink.process.stderr?.pipe(process.stderr);
  closing.push(() => sink.stop());
  const asrEndpoint = `ws://127.0.0.1:${await sink.ask<number>('listen')}`;
  const cloud = await startLocalCloud({ dataDir, containerEnv: { ASR_ENDPOINT: asrEndpoint } });
  closing.push(() => cloud.stop());
  const time = await TimeServer.start();
  closing.push(() => time.stop());
  const browser = await launchBrowser();
  closing.push(() => browser.close());
  return { sink, cloud, browser, time };
}

/** The script of the page, as one that a browser can run. */
async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [PAGE_SCRIPT],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

interface ProbeWindow {
  __latency: LatencyProbe;
}

/** Begins to speak, as somebody does who chooses a file beside the phone. */
async function speak(appPage: AppPage, recording: Uint8Array): Promise<void> {
  const file = { name: 'speech.wav', mimeType: 'audio/wav', buffer: Buffer.from(recording) };
  await appPage.page.locator('input[type=file]').setInputFiles(file);
}

/**
 * Whatever is slow only once is over after a first recording. One that begins two seconds before it is connected is sent as ADPCM, in
 * which no stamp survives.
 */
async function warmUp({ sink }: Parts, appPage: AppPage, speech: Buffer): Promise<void> {
  await sink.ask('reset', FRAME_BYTES);
  await speak(appPage, stampedRecording(speech, WARM_UP_FRAMES));
  await appPage.waitForConnection(STORED);
}

/** Speaks and takes the notes of everybody. @throws UnusableNotes the recogniser was connected to more than once */
async function takeNotes(
  { sink, time }: Parts,
  appPage: AppPage,
  speech: Buffer,
  { leadMs, windowMs }: Duration,
): Promise<{ notes: Notes; clock: ClockSync }> {
  const probe = await appPage.app.evaluateHandle(() => (globalThis as unknown as ProbeWindow).__latency);
  const synchronise = (): Promise<ClockSync> =>
    probe.evaluate((latency, [url, rounds]) => latency.synchronise(url, rounds), [
      time.url,
      SYNC_ROUNDS,
    ] as const);
  await sink.ask('reset', FRAME_BYTES);
  await sink.ask('keepLog');
  await probe.evaluate((latency) => latency.watch());
  const before = await synchronise();
  await speak(appPage, stampedRecording(speech, Math.round((leadMs + windowMs) / FRAME_MS)));
  await appPage.waitForState(({ phase }) => phase === 'recording');
  await sleep(systemClock, leadMs + windowMs);
  await appPage.waitForConnection(STORED);
  const clock = closer(before, await synchronise());
  const { streams } = await sink.ask<SinkTotals>('totals');
  if (streams !== 1) throw new UnusableNotes(`一次录音用了 ${streams} 条识别连接`);
  const notes = {
    page: await probe.evaluate((latency) => latency.log()),
    sink: await sink.ask<SinkLog>('log'),
    offsetMs: clock.offsetMs,
    errorMs: clock.boundMs + (await probe.evaluate((latency) => latency.resolutionMs())),
    frameSamples: FRAME_SAMPLES,
    rateHz: SPEECH.rateHz,
    firstFrame: Math.round(leadMs / FRAME_MS),
  };
  return { notes, clock };
}

/** @throws UnusableNotes the machine was too busy, or something was lost */
export async function measureLatency(duration: Duration): Promise<Measurement> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-latency-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  try {
    const parts = await startParts(dataDir, closing);
    const { cloud, browser } = parts;
    const appPage = await AppPage.open(browser, cloud.url, '', await pageScript());
    const speech = await readSpeech();
    await warmUp(parts, appPage, speech);
    const { notes, clock } = await takeNotes(parts, appPage, speech, duration);
    return {
      latencies: latenciesOf(notes),
      clockBoundMs: clock.boundMs,
      resolutionMs: notes.errorMs - clock.boundMs,
      loadPerCore: (loadavg()[0] ?? 0) / cpus().length,
      browser: `Chromium ${browser.version()}`,
    };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/**
 * The more exact one of two comparisons of the same clocks.
 * @throws UnusableNotes they contradict each other: one of the clocks was set
 */
function closer(one: ClockSync, other: ClockSync): ClockSync {
  const apartMs = Math.abs(one.offsetMs - other.offsetMs);
  if (apartMs > one.boundMs + other.boundMs)
    throw new UnusableNotes(`两次对时相差 ${apartMs.toFixed(3)} 毫秒，比两次的误差之和还多`);
  return one.boundMs < other.boundMs ? one : other;
}
