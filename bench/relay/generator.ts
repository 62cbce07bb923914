/**
 * People who speak at the same time, each at real time, whichever server they speak to. A process of its own, whose own lateness is
 * measured: a generator that cannot keep up measures itself.
 */
import { BYTES_PER_SAMPLE, msToSamples } from '../../contract/limits.ts';
import { sleep, systemClock, withTimeout } from '../../lib/clock.ts';
import { answerParent } from '../processes/answering.ts';
import { nowUs } from '../processes/now-us.ts';
import { type LoopUsage, watchLoop } from '../processes/usage.ts';
import { readSpeech } from '../sink/speech.ts';
import { elapsedUs, PERIOD_SAMPLES, SPEECH, stampAudio } from '../sink/stamp.ts';
import { type Quantiles, quantilesOf } from '../statistics.ts';
import type { DialectName } from './dialects.ts';
import { type ClientKind, openPhone, type Phone } from './phone.ts';

/** Starts that are under way at the same time: what a server cannot take waits here, not in its queue. */
const MAX_STARTING = 40;
const START_WITHIN_MS = 30_000;

export interface Target {
  url: string;
  dialect: DialectName;
  clients: ClientKind;
  frameMs: number;
  /** One for each stream. */
  tickets: readonly string[];
}
export interface GeneratorWindow {
  /** From the moment at which the recogniser said something until it was here, µs. */
  downstreamUs: Quantiles;
  /** How late frames were sent, µs. */
  lateUs: Quantiles;
  framesSent: number;
  loop: LoopUsage;
}
export interface GeneratorTotals {
  framesSent: number;
  acknowledged: number;
  results: number;
  problem: string | undefined;
}

let target: Target = { url: '', dialect: 'relay', clients: 'wire', frameMs: 1, tickets: [] };
let frameSamples = 0;
let speech: Buffer = Buffer.alloc(0);
let phones: Phone[] = [];
/** By the ms within a frame's length at which they send. */
let buckets: Stream[][] = [];
let sending = true;
let downstreamUs: number[] = [];
let lateUs: number[] = [];
let totals: GeneratorTotals = { framesSent: 0, acknowledged: 0, results: 0, problem: undefined };
const loop = watchLoop();

class Stream {
  readonly #phone: Phone;
  #frames = 0;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  /** @param dueUs when it should have been sent */
  send(dueUs: number): void {
    const from = ((this.#frames * frameSamples) % PERIOD_SAMPLES) * BYTES_PER_SAMPLE;
    const pcm = Buffer.from(speech.subarray(from, from + frameSamples * BYTES_PER_SAMPLE));
    const atUs = nowUs();
    stampAudio(pcm, this.#frames, atUs);
    this.#phone.frame(this.#frames, frameSamples, pcm);
    this.#frames += 1;
    totals.framesSent += 1;
    lateUs.push(Math.max(0, atUs - dueUs));
  }
}

/** @returns when audio may be sent, or, without a session, when it is connected */
async function open(number: number, withSession: boolean): Promise<void> {
  const { url, dialect, clients } = target;
  const ticket = target.tickets[number] ?? '';
  const phone = openPhone(
    clients,
    { url, dialect, ticket, withSession },
    {
      result(sentUs) {
        totals.results += 1;
        downstreamUs.push(elapsedUs(sentUs, nowUs()));
      },
      acknowledged() {
        totals.acknowledged += 1;
      },
      failed(why) {
        totals.problem ??= `stream ${number}: ${why}`;
      },
    },
  );
  phones.push(phone);
  await withTimeout(
    phone.begun,
    systemClock,
    START_WITHIN_MS,
    () => new Error(`stream ${number} does not start`),
  );
  // the golden ratio spreads any number of streams evenly
  if (withSession) buckets[Math.floor(((number * 0.618) % 1) * target.frameMs)]?.push(new Stream(phone));
}

/** Opens streams `from` to `to`, so many a second. */
async function openAll(from: number, to: number, perSecond: number, withSession: boolean): Promise<void> {
  const opening = new Set<Promise<void>>();
  let problem: unknown;
  for (let number = from; number < to && problem === undefined; number++) {
    while (opening.size >= MAX_STARTING) await Promise.race(opening);
    const one: Promise<void> = open(number, withSession)
      .catch((error) => {
        problem ??= error;
      })
      .finally(() => opening.delete(one));
    opening.add(one);
    await sleep(systemClock, 1_000 / perSecond);
  }
  await Promise.all(opening);
  if (problem !== undefined) throw problem;
}

/** Sends what is due, ms by ms, for ever. */
function run(): void {
  const startedUs = nowUs();
  let cursorMs = 0;
  setInterval(() => {
    const untilMs = (nowUs() - startedUs) / 1_000;
    for (; cursorMs <= untilMs; cursorMs++) {
      if (!sending || buckets.length === 0) continue;
      const dueUs = startedUs + cursorMs * 1_000;
      for (const stream of buckets[cursorMs % buckets.length] as Stream[]) stream.send(dueUs);
    }
  }, 1);
}

answerParent({
  target: async (given: Target) => {
    target = given;
    frameSamples = msToSamples(target.frameMs, SPEECH.rateHz);
    // twice, so that a frame may begin anywhere in the first
    const period = await readSpeech();
    speech = Buffer.concat([period, period]);
    buckets = Array.from({ length: target.frameMs }, () => []);
    totals = { framesSent: 0, acknowledged: 0, results: 0, problem: undefined };
    sending = true;
  },
  open: ({ from, to, perSecond }: { from: number; to: number; perSecond: number }) =>
    openAll(from, to, perSecond, true),
  openIdle: ({ to, perSecond }: { to: number; perSecond: number }) => openAll(0, to, perSecond, false),
  begin: () => {
    downstreamUs = [];
    lateUs = [];
    loop.begin();
  },
  end: (): GeneratorWindow => ({
    downstreamUs: quantilesOf(downstreamUs),
    lateUs: quantilesOf(lateUs),
    framesSent: lateUs.length,
    loop: loop.end(),
  }),
  /** No more audio. */
  pause: () => {
    sending = false;
  },
  totals: (): GeneratorTotals => totals,
  close: () => {
    for (const phone of phones) phone.close();
    phones = [];
    buckets = [];
  },
});
run();
