import { createHash } from 'node:crypto';
import { SESSION_RULES } from '../container/src/session/rules.ts';
import { CLIENT_GRACE_MS } from '../contract/limits.ts';
import { completeOrphans } from '../functions/shared/orphans.ts';
import type { Store } from '../functions/shared/store.ts';
import { Random } from '../lib/random.ts';
import { type RequestOutcome, SimDatabase } from './database.ts';
import { storeOf } from './functions-store.ts';
import { Instance } from './instance.ts';
import { Invariants, type Violation } from './invariants.ts';
import { type Connection, Link } from './network.ts';
import { Phone } from './phone.ts';
import type { Fault, Plan } from './plan.ts';
import { SimRecogniser, type StreamFault } from './recogniser.ts';
import { Scheduler, SimulatedHost } from './scheduler.ts';

/** After the last recording everything must have ended within this time. */
const SETTLE_MS = 60 * 60_000;
/** The grace of a client that is gone, twice the time that an end is worked at without it, and what a slow store takes. */
const LET_GO_MS = CLIENT_GRACE_MS + 2 * SESSION_RULES.finishWithoutClientMs + 60_000;
/** The functions' timer that ends sessions without an owner. */
const ORPHANS_EVERY_MS = 60_000;

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
  readonly #instances: (Instance | undefined)[] = [];
  readonly #phones: Phone[];
  readonly #cloud: { party: SimulatedHost; store: Store };
  #ids = 0;
  #connections = 0;
  #databaseFault: Extract<Fault, { on: 'database' }> | undefined;
  #recogniserFault: Extract<Fault, { on: 'recogniser' }> | undefined;

  constructor(plan: Plan, keepTrace: boolean) {
    this.#plan = plan;
    this.#keepTrace = keepTrace;
    this.#random = new Random(`world-${plan.seed}`);
    const databaseRandom = this.#random.fork('database');
    this.#invariants = new Invariants(
      () => this.#database,
      () => this.#scheduler.nowMs,
    );
    this.#database = new SimDatabase(
      this.#scheduler,
      () => this.#outcomeOf(databaseRandom),
      (collection, before, after) => this.#invariants.changed(collection, before, after),
    );
    const streamRandom = this.#random.fork('streams');
    this.#recogniser = new SimRecogniser({
      maxStreams: 200,
      maxSpeakMs: plan.maxSpeakMs,
      random: streamRandom,
      faultOf: () => this.#streamFault(streamRandom),
      wordsOf: (speaker) => plan.sessions.find(({ number }) => number === speaker)?.words ?? [],
      latencyMs: () => 80 + streamRandom.next() * 250,
    });
    const functions = new SimulatedHost('functions', this.#scheduler);
    this.#cloud = {
      party: functions,
      store: storeOf(this.#database, functions, () => databaseRandom.next()),
    };
    this.#completeOrphans();
    for (let i = 0; i < plan.instances; i++) this.#startInstance(i);
    this.#phones = plan.sessions.map((session) => this.#phone(session));
    for (const fault of plan.faults) this.#scheduler.schedule(fault.atMs, () => this.#strike(fault));
  }

  async run(): Promise<RunResult> {
    const { sessions } = this.#plan;
    const lastMs = Math.max(...sessions.map(({ startAtMs, lengthMs }) => startAtMs + lengthMs));
    const isOver = () =>
      this.#phones.every(({ outcome }) => outcome) || this.#invariants.violations.length > 0;
    await this.#scheduler.run(lastMs + SETTLE_MS, isOver, () => {});
    // Whoever's client is gone for good is let go within a stated time.
    const isEmpty = () => this.#open.length === 0 || this.#invariants.violations.length > 0;
    await this.#scheduler.run(this.#scheduler.nowMs + LET_GO_MS, isEmpty, () => {});
    for (const { sessions: open, name } of this.#open)
      this.#invariants.broken('every session is let go', `${name} still has ${open}`);
    if (this.#invariants.violations.length === 0) this.#invariants.atEnd(this.#phones);
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
    };
  }

  /** Instances that have sessions. */
  get #open(): { name: string; sessions: number }[] {
    return this.#instances.flatMap((instance) =>
      instance?.party.alive && instance.manager.size > 0
        ? [{ name: instance.party.name, sessions: instance.manager.size }]
        : [],
    );
  }

  /** As the cloud's timer does: whoever has no owner any more is ended. */
  #completeOrphans(): void {
    const { party } = this.#cloud;
    party.after(ORPHANS_EVERY_MS, () => this.#completeOrphans());
    const call = {
      nowMs: party.now(),
      clock: party,
      newId: () => `function-${++this.#ids}`,
      store: this.#cloud.store,
      env: {},
      warn: () => {},
    };
    completeOrphans(call, {}, { limit: 20 }).catch(() => {});
  }

  #log(line: string): void {
    const stamped = `${(this.#scheduler.nowMs / 1000).toFixed(3)} ${line}`;
    this.#hash.update(stamped);
    if (this.#keepTrace) this.#trace.push(stamped);
  }

  #startInstance(number: number): void {
    this.#ids += 1;
    const name = `container-${number}.${this.#ids}`;
    const random = this.#random.fork(name);
    this.#instances[number] = new Instance({
      name,
      scheduler: this.#scheduler,
      database: this.#database,
      recogniser: this.#recogniser,
      random: () => random.next(),
      newId: () => `id-${++this.#ids}-${random.int(0, 1e9).toString(36)}`,
      onEvent: (event, payload) => this.#invariants.told(event, payload),
      log: (line) => this.#log(line),
    });
  }

  #phone(session: Plan['sessions'][number]): Phone {
    const random = this.#random.fork(`phone-${session.number}`);
    const choices = random.fork('choices');
    const latency = random.fork('latency');
    const linkFor = (phone: SimulatedHost) =>
      new Link({
        phone,
        scheduler: this.#scheduler,
        latencyMs: () => 15 + latency.next() * 60,
        accept: (make) => this.#accept(choices, make),
      });
    return new Phone(session, {
      scheduler: this.#scheduler,
      random,
      linkFor,
      log: (line) => this.#log(line),
    });
  }

  #accept(choices: Random, make: (instance: SimulatedHost) => Connection): boolean {
    const up = this.#instances.filter((instance): instance is Instance => instance?.accepts === true);
    if (up.length === 0) return false;
    const instance = this.#plan.inTurn ? (up[this.#connections++ % up.length] as Instance) : choices.pick(up);
    instance.accept(make(instance.party));
    return true;
  }

  #outcomeOf(random: Random): RequestOutcome {
    const fate: RequestOutcome = { latencyMs: 5 + random.next() * 35 };
    const { request } = this.#plan;
    if (request && this.#database.requests === request.number)
      return { ...fate, effect: request.effect, lateMs: request.lateMs };
    const fault = this.#databaseFault;
    const draw = random.next();
    if (!fault) return fate;
    if (fault.kind === 'outage') return { ...fate, effect: 'gone' };
    if (fault.kind === 'slow') return { latencyMs: fate.latencyMs + fault.latencyMs };
    if (draw >= fault.share) return fate;
    if (fault.kind === 'errors') return { ...fate, effect: 'error' };
    return { ...fate, effect: fault.kind, lateMs: fault.lateMs };
  }

  #streamFault(random: Random): StreamFault | undefined {
    const fault = this.#recogniserFault;
    const draw = random.next();
    const afterMs = random.int(0, 6_000);
    if (!fault || fault.kind === 'full' || draw >= fault.share) return undefined;
    return { kind: fault.kind, afterMs, code: fault.code };
  }

  #strike(fault: Fault): void {
    this.#log(`FAULT ${JSON.stringify(fault)}`);
    if (fault.on === 'link') this.#strikeLink(fault);
    else if (fault.on === 'instance') this.#strikeInstance(fault);
    else if (fault.on === 'database') {
      this.#databaseFault = fault;
      this.#scheduler.schedule(fault.ms, () => {
        if (this.#databaseFault === fault) this.#databaseFault = undefined;
      });
    } else {
      this.#recogniserFault = fault;
      if (fault.kind === 'full') this.#recogniser.options.maxStreams = fault.maxStreams;
      this.#scheduler.schedule(fault.ms, () => {
        if (this.#recogniserFault !== fault) return;
        this.#recogniserFault = undefined;
        this.#recogniser.options.maxStreams = 200;
      });
    }
  }

  #strikeLink(fault: Extract<Fault, { on: 'link' }>): void {
    const link = this.#phones.find(({ plan }) => plan.number === fault.session)?.link;
    if (!link) return;
    const { conditions } = link;
    if (fault.kind === 'drop') link.drop();
    else if (fault.kind === 'half-open') {
      conditions.isHalfOpen = true;
      this.#scheduler.schedule(fault.ms, () => {
        conditions.isHalfOpen = false;
        link.drop();
      });
    } else if (fault.kind === 'outage') {
      conditions.isDown = true;
      link.drop();
      this.#scheduler.schedule(fault.ms, () => {
        conditions.isDown = false;
      });
    } else {
      const { latencyMs } = conditions;
      conditions.latencyMs = () => fault.latencyMs + latencyMs();
      this.#scheduler.schedule(fault.ms, () => {
        conditions.latencyMs = latencyMs;
      });
    }
  }

  #strikeInstance(fault: Extract<Fault, { on: 'instance' }>): void {
    const instance = this.#instances[fault.instance];
    if (!instance?.party.alive) return;
    if (fault.kind === 'pause') instance.party.pause(fault.ms);
    else if (fault.kind === 'skew') instance.party.skewMs = fault.ms;
    else {
      if (fault.kind === 'kill') instance.kill();
      else instance.terminate(fault.drainMs);
      this.#instances[fault.instance] = undefined;
      this.#scheduler.schedule(fault.downMs, () => this.#startInstance(fault.instance));
    }
  }
}
