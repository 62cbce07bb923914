import type { Random } from '../lib/random.ts';
import type { Cloud } from './cloud.ts';
import type { RequestOutcome } from './database.ts';
import type { Instance } from './instance.ts';
import type { LinkConditions } from './network.ts';
import type { Phone } from './phone.ts';
import type { Fault, Plan } from './plan.ts';
import type { SimRecogniser, StreamFault } from './recogniser.ts';
import type { Scheduler } from './scheduler.ts';

/** Streams of the account while there is no fault. */
export const MAX_STREAMS = 200;

/** What faults act on. */
export interface FaultTargets {
  scheduler: Scheduler;
  recogniser: () => SimRecogniser;
  cloud: () => Cloud;
  phoneOf: (session: number) => Phone | undefined;
  /** Ids of a person's recordings. */
  recordingsOf: (openid: string) => string[];
  instanceAt: (number: number) => Instance | undefined;
  instances: number;
  /** An instance is gone or is about to end: new connections find another one. */
  vacate: (number: number) => void;
  startInstance: (number: number) => void;
  abuse: (fault: Extract<Fault, { on: 'abuse' }>) => void;
}

type Of<On extends Fault['on']> = Extract<Fault, { on: On }>;

/** What the plan's faults do to the world. */
export class Faults {
  readonly #targets: FaultTargets;
  #database: Of<'database'> | undefined;
  #recogniser: Exclude<Of<'recogniser'>, { kind: 'restart' }> | undefined;

  constructor(targets: FaultTargets) {
    this.#targets = targets;
  }

  strike(fault: Fault): void {
    if (fault.on === 'link') this.#link(fault);
    else if (fault.on === 'instance') this.#instance(fault);
    else if (fault.on === 'deployment') this.#deploy(fault);
    else if (fault.on === 'database') this.#onDatabase(fault);
    else if (fault.on === 'recogniser') this.#onRecogniser(fault);
    else if (fault.on === 'phone') this.#targets.phoneOf(fault.session)?.apply(fault);
    else if (fault.on === 'history') this.#history(fault);
    else if (fault.on === 'abuse') this.#targets.abuse(fault);
    else if (fault.kind === 'skew') this.#targets.cloud().skewMs = fault.ms;
    else this.#targets.cloud().deaths = fault.calls;
  }

  /** What becomes of the next database request. @param number of the request, from 1 */
  requestOutcome(random: Random, number: number, planned: Plan['request']): RequestOutcome {
    const fate: RequestOutcome = { latencyMs: 5 + random.next() * 35 };
    if (planned && number === planned.number)
      return { ...fate, effect: planned.effect, lateMs: planned.lateMs };
    const fault = this.#database;
    const draw = random.next();
    if (!fault) return fate;
    if (fault.kind === 'outage') return { ...fate, effect: 'gone' };
    if (fault.kind === 'slow') return { latencyMs: fate.latencyMs + fault.latencyMs };
    if (draw >= fault.share) return fate;
    if (fault.kind === 'errors') return { ...fate, effect: 'error' };
    return { ...fate, effect: fault.kind, lateMs: fault.lateMs };
  }

  /** What happens to the next stream of the recogniser. */
  streamFault(random: Random): StreamFault | undefined {
    const fault = this.#recogniser;
    const draw = random.next();
    const afterMs = random.int(0, 6_000);
    if (!fault || fault.kind === 'full' || draw >= fault.share) return undefined;
    return { kind: fault.kind, afterMs, code: fault.code };
  }

  #onDatabase(fault: Of<'database'>): void {
    this.#database = fault;
    this.#targets.scheduler.schedule(fault.ms, () => {
      if (this.#database === fault) this.#database = undefined;
    });
  }

  #onRecogniser(fault: Of<'recogniser'>): void {
    const recogniser = this.#targets.recogniser();
    if (fault.kind === 'restart') {
      recogniser.restart();
      return;
    }
    this.#recogniser = fault;
    if (fault.kind === 'full') recogniser.options.maxStreams = fault.maxStreams;
    else if (fault.restarts) recogniser.restart();
    this.#targets.scheduler.schedule(fault.ms, () => {
      if (this.#recogniser !== fault) return;
      this.#recogniser = undefined;
      recogniser.options.maxStreams = MAX_STREAMS;
    });
  }

  #link(fault: Of<'link'>): void {
    const handset = this.#targets.phoneOf(fault.session)?.handset;
    if (!handset) return;
    const { link } = handset;
    const { conditions } = link;
    if (fault.kind === 'drop') link.drop();
    else if (fault.kind === 'half-open')
      this.#during(conditions, { isHalfOpen: true }, fault.ms, () => {
        conditions.isHalfOpen = false;
        link.drop();
      });
    else if (fault.kind === 'outage') {
      link.drop();
      if (fault.told) handset.network(false);
      this.#during(conditions, { isDown: true }, fault.ms, () => {
        conditions.isDown = false;
        if (fault.told) handset.network(true);
      });
    } else {
      const { latencyMs } = conditions;
      this.#during(conditions, { latencyMs: () => fault.latencyMs + latencyMs() }, fault.ms, () => {
        conditions.latencyMs = latencyMs;
      });
    }
  }

  #during(conditions: LinkConditions, change: Partial<LinkConditions>, ms: number, undo: () => void): void {
    Object.assign(conditions, change);
    this.#targets.scheduler.schedule(ms, undo);
  }

  #instance(fault: Of<'instance'>): void {
    const { scheduler, instanceAt, vacate, startInstance } = this.#targets;
    const instance = instanceAt(fault.instance);
    if (!instance?.party.alive) return;
    const { party } = instance;
    if (fault.kind === 'pause') party.pause(fault.ms);
    else if (fault.kind === 'skew') party.skewMs = fault.ms;
    else if (fault.kind === 'jump') {
      party.skewMs += fault.ms;
      scheduler.schedule(fault.backMs, () => {
        party.skewMs = 0;
      });
    } else {
      if (fault.kind === 'kill') instance.kill();
      else instance.terminate(fault.drainMs);
      vacate(fault.instance);
      scheduler.schedule(fault.downMs, () => startInstance(fault.instance));
    }
  }

  #deploy({ everyMs, drainMs }: Of<'deployment'>): void {
    const { scheduler, instances, instanceAt, vacate, startInstance } = this.#targets;
    for (let number = 0; number < instances; number++)
      scheduler.schedule(number * everyMs, () => {
        const old = instanceAt(number);
        vacate(number);
        startInstance(number);
        if (old?.party.alive) old.terminate(drainMs);
      });
  }

  #history({ session, kind }: Of<'history'>): void {
    const { phoneOf, recordingsOf, cloud } = this.#targets;
    const phone = phoneOf(session);
    if (!phone) return;
    const { openid } = phone.plan;
    if (kind === 'delete-all') cloud().deleteAllOf(openid, recordingsOf(openid));
    else cloud().history(openid, phone.sessionId, kind);
  }
}
