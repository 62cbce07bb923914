/**
 * The phones of a soak: the mini-program's own sessions, which speak, lose their connections, end and begin anew. A process of its own.
 */
import { randomUUID } from 'node:crypto';
import { CLIENT_RING_MS, msToSamples } from '../../contract/limits.ts';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Random } from '../../lib/random.ts';
import { ENGINE_RATE_HZ } from '../../local/asr/recogniser.ts';
import { type Phone, startPhone } from '../chaos/testing/phone.ts';
import { answerParent } from '../processes/answering.ts';
import { speakTones } from './tones.ts';

export interface PhonesPlan {
  url: string;
  /** The tickets' key. */
  secret: string;
  streams: number;
  /** Mean time from a connection's loss to the next, for each stream, ms; null: none is lost. */
  dropEveryMs: number | null;
  /**
   * How long a phone stays away when it is out of reach, on average, ms: half of it to one and a half times. For 14 s, from shorter
   * than the time after which the recogniser is sent silence to longer than its stream is kept.
   */
  absenceMs: number;
  /** How long a session lasts, ms; then the phone ends it and begins another; null: as long as the soak. */
  sessionMs: number | null;
}

export interface PhonesTotals {
  /** Audio that was spoken, all streams together, ms. */
  spokenMs: number;
  live: number;
  /** All are live and level. */
  settled: boolean;
  /** All have ended. */
  over: boolean;
  /** Connections that were lost, … */
  drops: number;
  /** … of which the phone stayed away for a while. */
  absences: number;
  begun: number;
  ended: number;
  sentences: number;
  problems: string[];
}

/** A frame as a phone's recorder gives it: 4 KB, 128 ms. */
const FRAME_MS = 128;
const FRAME_SAMPLES = msToSamples(FRAME_MS, ENGINE_RATE_HZ);
const TICK_MS = 32;
/** Between two phones that begin, ms. */
const BEGIN_EVERY_MS = 40;
/** One loss in so many is an absence. */
const ABSENCE_ONE_IN = 8;
/** A phone has caught up when less than this is not acknowledged, ms: the container tells once a second how far it is. */
const LEVEL_MS = 3_000;
/** Of the same problem, as many are told. */
const MAX_PROBLEMS = 10;

const totals = { spokenMs: 0, drops: 0, absences: 0, begun: 0, ended: 0, sentences: 0 };
const problems: string[] = [];
const random = new Random('soak');
const period = speakTones();
let restless = true;

function failed(why: string): void {
  if (problems.length < MAX_PROBLEMS) problems.push(why);
}

/** PCM of a frame, in a buffer of its own. */
function frameAt(number: number): ArrayBuffer {
  const frame = new Int16Array(FRAME_SAMPLES);
  const from = (number * FRAME_SAMPLES) % period.length;
  const first = period.subarray(from, from + FRAME_SAMPLES);
  frame.set(first);
  frame.set(period.subarray(0, FRAME_SAMPLES - first.length), first.length);
  return frame.buffer;
}

class Person {
  readonly #plan: PhonesPlan;
  readonly #openid: string;
  readonly #random: Random;
  #phone: Phone | undefined;
  #beganMs = 0;
  #frames = 0;
  #dropMs = Number.POSITIVE_INFINITY;
  #endMs = Number.POSITIVE_INFINITY;
  /** What takes a while: it ends, or is away. */
  #busy = false;

  constructor(plan: PhonesPlan, number: number) {
    this.#plan = plan;
    this.#openid = `oSoak${number}`;
    this.#random = random.fork(this.#openid);
  }

  get isLive(): boolean {
    return this.#phone?.session.status.state === 'live';
  }

  get isSettled(): boolean {
    return !this.#busy && this.isLive && (this.#phone?.session.status.bufferedMs ?? 0) < LEVEL_MS;
  }

  async begin(): Promise<void> {
    const { url, secret, sessionMs } = this.#plan;
    const sessionId = randomUUID();
    const keys = parseTicketKeys(secret);
    const phone = await startPhone(url, { openid: this.#openid, sessionId, keys, ringMs: CLIENT_RING_MS });
    phone.session.on('state', (change) => {
      if (change.new === 'failed') failed(`${this.#openid}: ${change.reason}`);
    });
    phone.session.on('loss', ({ reason }) => failed(`${this.#openid}: audio was lost: ${reason}`));
    await phone.session.start({ wordTimes: this.#random.chance(0.5) });
    totals.begun += 1;
    this.#phone = phone;
    this.#frames = 0;
    this.#beganMs = systemClock.now();
    this.#planDrop();
    // not all of them at the same time
    if (sessionMs !== null) this.#endMs = this.#beganMs + sessionMs * (0.5 + this.#random.next());
  }

  tick(nowMs: number): void {
    if (!this.#phone) return;
    for (; this.#beganMs + this.#frames * FRAME_MS <= nowMs; this.#frames++) {
      this.#phone.session.push(frameAt(this.#frames));
      totals.spokenMs += FRAME_MS;
    }
    if (!restless || this.#busy || !this.isLive) return;
    if (nowMs >= this.#endMs) this.start(() => this.#endAndBegin());
    else if (nowMs >= this.#dropMs) this.#loseConnection(this.#phone);
  }

  async end(): Promise<void> {
    const phone = this.#phone;
    this.#phone = undefined;
    if (!phone) return;
    const { sentences } = await phone.session.stop();
    totals.ended += 1;
    totals.sentences += sentences;
    await phone.close();
  }

  #planDrop(): void {
    const { dropEveryMs } = this.#plan;
    if (dropEveryMs !== null) this.#dropMs = systemClock.now() + dropEveryMs * (0.5 + this.#random.next());
  }

  /** Reset, cut within a message, or out of reach for a while. */
  #loseConnection(phone: Phone): void {
    totals.drops += 1;
    this.#planDrop();
    if (this.#random.chance(1 / ABSENCE_ONE_IN)) this.start(() => this.#stayAway(phone));
    else if (this.#random.chance(0.5)) phone.link.drop();
    else phone.link.cut('up');
  }

  async #stayAway(phone: Phone): Promise<void> {
    totals.absences += 1;
    await phone.goOffline();
    await sleep(systemClock, this.#plan.absenceMs * (0.5 + this.#random.next()));
    await phone.goOnline();
    this.#planDrop();
  }

  async #endAndBegin(): Promise<void> {
    await this.end();
    await this.begin();
  }

  /** Begins what takes a while; meanwhile nothing else begins. */
  start(work: () => Promise<void>): void {
    this.#busy = true;
    work()
      .catch((error: Error) => failed(`${this.#openid}: ${error.message}`))
      .finally(() => {
        this.#busy = false;
      });
  }
}

const people: Person[] = [];
let over = false;

async function begin(plan: PhonesPlan): Promise<void> {
  setInterval(() => {
    const now = systemClock.now();
    for (const person of people) person.tick(now);
  }, TICK_MS);
  for (let number = 0; number < plan.streams; number++) {
    const person = new Person(plan, number);
    people.push(person);
    person.start(() => person.begin());
    await sleep(systemClock, BEGIN_EVERY_MS);
  }
}

async function end(): Promise<void> {
  await Promise.all(people.map((person) => person.end()));
  over = true;
}

/** What takes longer than a turn goes on behind the answer: `totals` tells how far it is. */
answerParent({
  begin: (plan: PhonesPlan) => void begin(plan),
  /** No connection is lost and no session ends from now on. */
  settle: () => {
    restless = false;
  },
  goOn: () => {
    restless = true;
  },
  /** Once they are settled. */
  end: () => {
    restless = false;
    end().catch((error: Error) => failed(error.message));
  },
  totals: (): PhonesTotals => ({
    ...totals,
    live: people.filter(({ isLive }) => isLive).length,
    settled: people.every(({ isSettled }) => isSettled),
    over,
    problems,
  }),
});
