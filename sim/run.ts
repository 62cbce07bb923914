import { createHash } from 'node:crypto';
import { recordsOf, type StoredRecords } from '../bench/chaos/records.ts';
import {
  DAILY_STATS,
  LEASES,
  PAGES,
  type PageRecord,
  SESSIONS,
  type SessionRecord,
  type StatsRecord,
} from '../contract/records.ts';
import { Random } from '../lib/random.ts';
import { Abuser } from './abuser.ts';
import { Cloud } from './cloud.ts';
import { SimDatabase } from './database.ts';
import { DatabaseDemand } from './database-demand.ts';
import { DeliveryOrder } from './delivery-order.ts';
import { Faults, MAX_STREAMS } from './faults.ts';
import type { SentFrame } from './handset.ts';
import { Instance } from './instance.ts';
import { Invariants, type Violation } from './invariants.ts';
import { LeaseWatch } from './lease-watch.ts';
import { type Connection, Link } from './network.ts';
import { Phone } from './phone.ts';
import type { Fault, Plan } from './plan.ts';
import { SimRecogniser } from './recogniser.ts';
import { Scheduler, type SimulatedHost } from './scheduler.ts';
import { LET_GO_MS } from './session-watch.ts';

/** After the last recording everything must have ended within this time. */
const SETTLE_MS = 60 * 60_000;
/** Timers of what has ended must be gone within this time: an instance may be paused for two minutes, a phone be hidden for 200 s. */
const TIMERS_GONE_MS = 5 * 60_000;
/** The timer of the functions while nothing but purging is waited for; cloudbaserc.json has 20 minutes. */
const PURGE_EVERY_MS = 20 * 60_000;
/** Sessions are counted this often, ms. */
const COUNT_EVERY_MS = 10_000;

export interface RunResult {
  seed: number;
  violations: Violation[];
  /** Of the trace: equal for equal runs. */
  hash: string;
  trace: readonly string[];
  steps: number;
  /** Audio that recognisers received, hours. */
  audioHours: number;
  /** Time that passed in the simulation, hours. */
  hours: number;
  databaseRequests: number;
  /** Time that instances had sessions, summed, minutes. */
  sessionMinutes: number;
  /** Database requests of the instances; the others are the functions'. */
  containerRequests: number;
  /** Frames that phones have sent, see {@link SentFrame}. */
  frames: Record<SentFrame, number>;
  stored: StoredRecords;
}

/** Runs a plan in virtual time. The same plan gives the same trace. */
export async function run(plan: Plan, keepTrace = false): Promise<RunResult> {
  const world = new World(plan, keepTrace);
  return world.run();
}

class World {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #hash = createHash('sha256');
  readonly #trace: string[] = [];
  readonly #keepTrace: boolean;
  readonly #database: SimDatabase;
  readonly #recogniser: SimRecogniser;
  readonly #invariants: Invariants;
  readonly #faults: Faults;
  readonly #instances: (Instance | undefined)[] = [];
  /** Told to end; the balancer may still send connections there. */
  readonly #leaving = new Set<Instance>();
  readonly #phones: Phone[];
  readonly #cloud: Cloud;
  readonly #abusers: Abuser[] = [];
  readonly #leaseWatch: LeaseWatch | undefined;
  readonly #frames: Record<SentFrame, number> = { pcm: 0, adpcm: 0, damaged: 0, again: 0 };
  #ids = 0;
  #connections = 0;
  readonly #demand = new DatabaseDemand(() => this.#scheduler.nowMs);

  constructor(plan: Plan, keepTrace: boolean) {
    this.#plan = plan;
    this.#keepTrace = keepTrace;
    this.#random = new Random(`world-${plan.seed}`);
    const { order } = plan;
    if (order)
      this.#scheduler.deliver = new DeliveryOrder(this.#scheduler, order.fromMs, order.holds).deliver;
    this.#invariants = new Invariants(
      () => this.#database,
      () => this.#scheduler.nowMs,
    );
    this.#leaseWatch = this.#makeLeaseWatch();
    this.#faults = this.#makeFaults();
    this.#database = this.#makeDatabase();
    this.#recogniser = this.#makeRecogniser();
    this.#cloud = new Cloud({
      scheduler: this.#scheduler,
      database: this.#database,
      random: this.#random.fork('functions'),
      newId: () => `function-${++this.#ids}`,
      log: (line) => this.#log(line),
      broken: (rule, detail) => this.#invariants.broken(rule, detail),
    });
    for (let i = 0; i < plan.instances; i++) this.#startInstance(i);
    this.#phones = plan.sessions.map((session) => this.#phone(session));
    for (const fault of plan.faults)
      this.#scheduler.schedule(fault.atMs, () => {
        this.#log(`FAULT ${JSON.stringify(fault)}`);
        this.#faults.strike(fault);
      });
    this.#countSessions();
  }

  async run(): Promise<RunResult> {
    const { sessions, faults, afterMs } = this.#plan;
    const lastMs = Math.max(
      ...sessions.map(({ startAtMs, lengthMs, pauses = [] }) =>
        pauses.reduce((sum, { ms }) => sum + ms, startAtMs + lengthMs),
      ),
    );
    // Also where all recordings end early: the sessions of an abuser are to be let go as well.
    const abusedUntilMs = Math.max(
      0,
      ...faults.map((fault) => (fault.on === 'abuse' ? fault.atMs + fault.ms : 0)),
    );
    await this.#until(
      lastMs + SETTLE_MS,
      () => this.#scheduler.nowMs >= abusedUntilMs && this.#phones.every(({ outcome }) => outcome),
    );
    // Whoever's client is gone for good is let go within a stated time.
    await this.#until(this.#scheduler.nowMs + LET_GO_MS, () => this.#open.length === 0);
    this.#check(
      this.#open,
      'every session is let go',
      ({ party, manager }) => `${party.name}: ${manager.size}`,
    );
    if (afterMs !== undefined) {
      this.#cloud.cleanUpEveryMs = PURGE_EVERY_MS;
      await this.#until(this.#scheduler.nowMs + afterMs, () => false);
      if (this.#invariants.violations.length === 0) this.#invariants.afterPurging(this.#cloud.now);
    }
    this.#cloud.stop();
    let ending = 0;
    await this.#until(this.#scheduler.nowMs + TIMERS_GONE_MS, () => {
      // Also those of instances that are only started now.
      for (const { leases } of this.#alive) {
        if (!leases || leases.state === 'ended') continue;
        ending += 1;
        void leases.end().then(() => (ending -= 1));
      }
      return ending === 0 && this.#withTimers.length === 0;
    });
    this.#check(
      this.#withTimers,
      'no timer outlives what it is for',
      ({ name, timers }) => `${name} has ${timers}`,
    );
    this.#check(this.#demand.excess, 'the database is asked within the budget', (detail) => detail);
    if (this.#invariants.violations.length === 0) this.#invariants.atEnd(this.#phones, this.#cloud);
    for (const { rule, detail, atMs } of this.#invariants.violations)
      this.#log(`VIOLATION ${rule}: ${detail} (${atMs})`);
    return {
      seed: this.#plan.seed,
      violations: this.#invariants.violations,
      hash: this.#hash.digest('hex').slice(0, 16),
      trace: this.#trace,
      steps: this.#scheduler.steps,
      audioHours: this.#recogniser.heardMs / 3_600_000,
      hours: this.#scheduler.nowMs / 3_600_000,
      databaseRequests: this.#database.requests,
      sessionMinutes: this.#demand.minutes,
      containerRequests: this.#demand.requests,
      frames: this.#frames,
      stored: this.#stored,
    };
  }

  get #stored(): StoredRecords {
    const all = <T>(collection: string) => this.#database.all(collection) as unknown as T[];
    return recordsOf(all<SessionRecord>(SESSIONS), all<PageRecord>(PAGES), all<StatsRecord>(DAILY_STATS));
  }

  /** Nothing must be left; what follows from a rule that was broken before is not told. */
  #check<T>(left: readonly T[], rule: string, detailOf: (one: T) => string): void {
    if (this.#invariants.violations.length > 0) return;
    for (const one of left) this.#invariants.broken(rule, detailOf(one));
  }

  /** Runs until `isOver`, until then, or until a rule is broken. */
  #until(untilMs: number, isOver: () => boolean): Promise<void> {
    const { violations } = this.#invariants;
    return this.#scheduler.run(
      untilMs,
      () => violations.length > 0 || isOver(),
      () => {},
    );
  }

  get #alive(): Instance[] {
    return [...this.#instances, ...this.#leaving].filter(
      (instance): instance is Instance => instance?.party.alive === true,
    );
  }

  /** Instances that have sessions. */
  get #open(): Instance[] {
    return this.#alive.filter(({ manager }) => manager.size > 0);
  }

  /** Who still has timers, of those that are alive. */
  get #withTimers(): { name: string; timers: number }[] {
    const hosts: SimulatedHost[] = [
      ...this.#phones.flatMap(({ handsets }) => handsets.map(({ party }) => party)),
      ...this.#cloud.hosts,
    ];
    const timers = [
      ...this.#alive.map(({ party, pendingTimers }) => ({ party, timers: pendingTimers })),
      ...hosts.map((party) => ({ party, timers: party.pending })),
    ];
    return timers
      .filter(({ party, timers: count }) => party.alive && count > 0)
      .map(({ party, timers: count }) => ({ name: party.name, timers: count }));
  }

  #countSessions(): void {
    this.#scheduler.schedule(COUNT_EVERY_MS, () => {
      for (const { manager } of this.#open) this.#demand.sessions(manager.size * COUNT_EVERY_MS);
      if (this.#leaseWatch) this.#demand.instances(this.#alive.length * COUNT_EVERY_MS);
      this.#leaseWatch?.check();
      this.#countSessions();
    });
  }

  #log(line: string): void {
    const stamped = `${(this.#scheduler.nowMs / 1000).toFixed(3)} ${line}`;
    this.#hash.update(stamped);
    if (this.#keepTrace) this.#trace.push(stamped);
  }

  #makeFaults(): Faults {
    return new Faults({
      scheduler: this.#scheduler,
      recogniser: () => this.#recogniser,
      cloud: () => this.#cloud,
      phoneOf: (session) => this.#phones.find(({ plan }) => plan.number === session),
      recordingsOf: (openid) =>
        this.#phones.filter(({ plan }) => plan.openid === openid).map(({ sessionId }) => sessionId),
      instanceAt: (number) => this.#instances[number],
      instances: this.#plan.instances,
      vacate: (number) => {
        const instance = this.#instances[number];
        if (instance) this.#leaving.add(instance);
        this.#instances[number] = undefined;
      },
      startInstance: (number) => this.#startInstance(number),
      abuse: (fault) => this.#abuse(fault),
    });
  }

  #makeLeaseWatch(): LeaseWatch | undefined {
    const { recogniserStreams: streams } = this.#plan;
    if (streams === undefined) return undefined;
    return new LeaseWatch({
      scheduler: this.#scheduler,
      streams,
      recogniser: () => this.#recogniser,
      instances: () => this.#alive,
      broken: (rule, detail) => this.#invariants.broken(rule, detail),
    });
  }

  #makeDatabase(): SimDatabase {
    const [random, ofLeases] = [this.#random.fork('database'), this.#random.fork('database-leases')];
    return new SimDatabase(
      this.#scheduler,
      (party, collection) => {
        const isLease = collection === LEASES;
        const { requests } = this.#database;
        const outcome = this.#faults.requestOutcome(
          isLease ? ofLeases : random,
          requests,
          this.#plan.request,
        );
        if (isLease) this.#demand.askedForLease();
        else if (party.startsWith('container')) this.#demand.asked(outcome.effect !== undefined);
        return outcome;
      },
      (collection, before, after) => this.#invariants.changed(collection, before, after),
    );
  }

  #makeRecogniser(): SimRecogniser {
    const random = this.#random.fork('streams');
    const { maxSpeakMs, sessions } = this.#plan;
    return new SimRecogniser({
      scheduler: this.#scheduler,
      maxStreams: MAX_STREAMS,
      maxSpeakMs,
      random,
      faultOf: () => this.#faults.streamFault(random),
      wordsOf: (speaker) => sessions.find(({ number }) => number === speaker)?.words ?? [],
      latencyMs: () => 80 + random.next() * 250,
      onOpened: () => this.#leaseWatch?.check(),
    });
  }

  #startInstance(number: number): void {
    this.#ids += 1;
    const name = `container-${number}.${this.#ids}`;
    const random = this.#random.fork(name);
    const leaseRandom = this.#random.fork(`${name}-lease`);
    this.#instances[number] = new Instance({
      name,
      scheduler: this.#scheduler,
      database: this.#database,
      recogniser: this.#recogniser,
      overSockets: this.#plan.overSockets === true,
      recogniserStreams: this.#plan.recogniserStreams,
      sessions: this.#plan.sessions.length,
      settings: this.#plan.settings ?? {},
      random: () => random.next(),
      leaseRandom: () => leaseRandom.next(),
      newId: () => `id-${++this.#ids}-${random.int(0, 1e9).toString(36)}`,
      onBegin: (event) => this.#invariants.begun(event),
      onRequest: (event) => this.#demand.request(event),
      onStartAnswer: (sessionId, answer) => this.#invariants.startAnswered(sessionId, answer),
      onEvent: (openid, event, payload, epoch) => {
        this.#demand.told(event, payload);
        this.#invariants.told(openid, event, payload, epoch);
      },
      log: (line) => this.#log(line),
      broken: (rule, detail) => this.#invariants.broken(rule, detail),
    });
  }

  #linkFor(random: Random, onWaiting?: (bytes: number) => void): (phone: SimulatedHost) => Link {
    const choices = random.fork('choices');
    const latency = random.fork('latency');
    return (phone) =>
      new Link({
        phone,
        scheduler: this.#scheduler,
        latencyMs: () => 15 + latency.next() * 60,
        accept: (make) => this.#accept(choices, make),
        ...(onWaiting && { onWaiting }),
      });
  }

  #phone(session: Plan['sessions'][number]): Phone {
    const random = this.#random.fork(`phone-${session.number}`);
    return new Phone(session, {
      scheduler: this.#scheduler,
      random,
      linkFor: this.#linkFor(random, (bytes) =>
        this.#invariants.phoneSends(bytes, session.repeatShare > 0 ? 2 : 1),
      ),
      log: (line) => this.#log(line),
      onBuffered: (ms) => this.#invariants.phoneKeeps(ms),
      onFrame: (frame) => {
        this.#frames[frame] += 1;
      },
    });
  }

  #abuse({ id, kind, session, ms }: Extract<Fault, { on: 'abuse' }>): void {
    const random = this.#random.fork(`abuse-${id}`);
    const init = {
      name: `abuser-${id}`,
      scheduler: this.#scheduler,
      random,
      linkFor: this.#linkFor(random),
      victim: () => {
        const sessionId = this.#phones[session]?.sessionId ?? '';
        return this.#database.read(SESSIONS, sessionId) && sessionId;
      },
      wasPausedSince: (atMs: number) => this.#alive.some(({ party }) => party.wasPausedSince(atMs)),
      log: (line: string) => this.#log(line),
      broken: (rule: string, detail: string) => this.#invariants.broken(rule, detail),
    };
    this.#abusers.push(new Abuser(init, kind, ms));
  }

  #accept(choices: Random, make: (instance: SimulatedHost) => Connection): boolean {
    for (const instance of this.#leaving) if (!instance.party.alive) this.#leaving.delete(instance);
    const up = this.#alive.filter(({ accepts }) => accepts);
    if (up.length === 0) return false;
    const instance = this.#plan.inTurn ? (up[this.#connections++ % up.length] as Instance) : choices.pick(up);
    instance.accept(make(instance.party));
    return true;
  }
}
