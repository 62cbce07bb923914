import { sleep, systemClock } from '../../lib/clock.ts';
import type { Cluster, Instance } from './cluster.ts';
import {
  type AsrFault,
  type DatabaseFault,
  faultKindOf,
  type KillFault,
  type LinkFault,
  type LossFault,
  type PlannedFault,
  type ServiceFault,
} from './fault-kinds.ts';
import type { LinkConditions } from './forwarder.ts';
import type { FaultPlan, StopFault, StreamFault } from './plan.ts';
import type { FaultProxy } from './proxy.ts';
import type { Timeline } from './timeline.ts';

/** About this long after an outage the client has reconnected and is replaying, ms. */
const REPLAYING_AFTER_MS = 900;

/** A planned fault that took place. Times since the speakers began, ms. */
export interface InjectedFault {
  planned: PlannedFault;
  kind: string;
  beganAt: number;
  /** From here on recovery is possible. */
  endedAt: number;
  /** Numbers of the speakers that it affected directly. */
  affected: number[];
  /** Upstream connections that it affected. */
  voiceIds: string[];
}

/** Share of upstream connections in which numbers are spelled in digits, 0 … 1: what is heard again may be spelled otherwise. */
const DIGITS_CHANCE = 0.5;

/** What the timeline says about a link that was dropped at `stop`. */
export const LINK_LOST_AT_STOP = 'link lost while stopping';

/** Injects the planned faults, each at its time. */
export class FaultInjector {
  readonly injected: InjectedFault[] = [];
  readonly #cluster: Cluster;
  readonly #timeline: Timeline;
  readonly #running = new Set<Promise<void>>();
  /** Seed of the next choice of streams that spell numbers in digits. */
  #spellings = 0;
  #recogniserAway = false;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Settles after the newest kill: containers are killed one after the other. */
  #killing: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, timeline: Timeline) {
    this.#cluster = cluster;
    this.#timeline = timeline;
  }

  schedule(plan: FaultPlan): void {
    this.#run(() => this.#setServiceFaults(plan.firstStreams ?? []));
    for (const planned of plan.faults)
      this.#timers.add(setTimeout(() => this.#run(() => this.#inject(planned)), planned.atMs));
  }

  /** Injects a fault into the link of a speaker that has just sent `stop`. */
  injectAtStop({ speaker, afterMs, ms }: StopFault): void {
    const link = this.#cluster.clientLinks[speaker] as FaultProxy;
    this.#run(async () => {
      await pause(afterMs);
      this.#timeline.add(`speaker-${speaker}`, LINK_LOST_AT_STOP, { ms });
      await applyLinkFault(link, ms > 0 ? { kind: 'outage', ms } : { kind: 'drop' });
    });
  }

  /** Starts no more faults; resolves when those that have begun are over. */
  async finish(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch((error: Error) => this.#timeline.add('injector', 'failed', { message: error.message }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #inject(planned: PlannedFault): Promise<void> {
    const kind = faultKindOf(planned);
    const record: InjectedFault = {
      planned,
      kind,
      beganAt: this.#timeline.nowMs,
      endedAt: 0,
      affected: [],
      voiceIds: [],
    };
    const who = `fault-${planned.id}`;
    this.#timeline.add(who, `begin ${kind}`, { planned });
    await this.#apply(planned, record);
    record.endedAt = Math.max(record.endedAt, record.beganAt);
    this.injected.push(record);
    this.#timeline.add(who, `end ${kind}`, { affected: record.affected, voiceIds: record.voiceIds });
  }

  async #apply(planned: PlannedFault, record: InjectedFault): Promise<void> {
    if (planned.on === 'client') {
      record.affected = [planned.speaker];
      await applyLinkFault(this.#cluster.clientLinks[planned.speaker] as FaultProxy, planned.fault);
    } else if (planned.on === 'asr-link') {
      const { asrLink } = this.#instance(planned.container);
      record.voiceIds = labelsOn(asrLink);
      await applyLinkFault(asrLink, planned.fault);
    } else if (planned.on === 'database-link') {
      const instance = this.#instance(planned.container);
      record.affected = speakersOn(instance);
      await applyLinkFault(instance.databaseLink, planned.fault);
    } else if (planned.on === 'database') {
      record.affected = this.#cluster.clientLinks.map((_, i) => i);
      await this.#injectDatabaseFault(planned.fault);
    } else if (planned.on === 'loss') {
      await this.#loseAudio(planned.fault, record);
    } else if (planned.on === 'asr') {
      await this.#injectServiceFault(planned, record);
      return;
    } else {
      await this.#kill(planned, record);
      return;
    }
    record.endedAt = this.#timeline.nowMs;
  }

  #instance(number: number): Instance {
    return this.#cluster.instances[number % this.#cluster.instances.length] as Instance;
  }

  async #injectDatabaseFault(fault: DatabaseFault): Promise<void> {
    const url = `${this.#cluster.gatewayUrl}/_local/faults`;
    const rule = { match: 'database.*', ...ruleOf(fault) };
    await post(url, { seed: fault.ms, rules: [rule] });
    await pause(fault.ms);
    await fetch(url, { method: 'DELETE' });
  }

  /** Replaces the faults of the recogniser; each of `faults` is for one stream, unless it says for how many. */
  #setServiceFaults(faults: readonly (AsrFault | StreamFault)[]): Promise<void> {
    const digits = { kind: 'digits', probability: DIGITS_CHANCE, seed: this.#spellings++ };
    const once = faults.map((fault) => ({ times: 1, ...fault }));
    const refused = this.#recogniserAway ? [{ kind: 'http', status: 503 }] : [];
    return post(`${this.#cluster.asrUrl}/_local/faults`, [...refused, ...once, digits]);
  }

  /** Resolves when the phone, or the recogniser, is back. */
  async #loseAudio(fault: LossFault['fault'], record: InjectedFault): Promise<void> {
    const { clientLinks, instances } = this.#cluster;
    if (fault.kind === 'offline') {
      record.affected = [fault.speaker];
      await applyLinkFault(clientLinks[fault.speaker] as FaultProxy, { kind: 'outage', ms: fault.ms });
      return;
    }
    record.affected = clientLinks.map((_, i) => i);
    this.#recogniserAway = true;
    await this.#setServiceFaults([]);
    for (const { asrLink } of instances) asrLink.drop();
    await pause(fault.ms);
    this.#recogniserAway = false;
    await this.#setServiceFaults([]);
  }

  /** Sets the service's faults for the next streams, and drops a stream of the speaker's container so that new ones are opened. */
  async #injectServiceFault({ speaker, faults }: ServiceFault, record: InjectedFault): Promise<void> {
    const serving = this.#servingOf(speaker);
    const links = serving.map(({ asrLink }) => asrLink);
    const [stream] = links.flatMap(({ connections }) => connections.filter(({ label }) => label !== ''));
    await this.#setServiceFaults(faults);
    for (const link of links) if (stream) link.drop(stream);
    if (stream) record.voiceIds = [stream.label];
    record.endedAt = this.#timeline.nowMs;
  }

  /** The containers that the speaker is connected to; while it is connected to none, all. */
  #servingOf(speaker: number): Instance[] {
    const serving = this.#cluster.instances.filter((instance) => speakersOn(instance).includes(speaker));
    return serving.length > 0 ? serving : [...this.#cluster.instances];
  }

  #kill(planned: KillFault, record: InjectedFault): Promise<void> {
    // after a kill that failed the next one still takes place
    this.#killing = this.#killing.then(
      () => this.#killNow(planned, record),
      () => this.#killNow(planned, record),
    );
    return this.#killing;
  }

  async #killNow(planned: KillFault, record: InjectedFault): Promise<void> {
    const { speaker, afterOutageMs, signal, downMs, both } = planned;
    if (afterOutageMs > 0) {
      await applyLinkFault(this.#cluster.clientLinks[speaker] as FaultProxy, {
        kind: 'outage',
        ms: afterOutageMs,
      });
      await pause(REPLAYING_AFTER_MS);
    }
    const victims = both ? [...this.#cluster.instances] : this.#servingOf(speaker).slice(0, 1);
    record.affected = [...new Set(victims.flatMap(speakersOn))];
    record.endedAt = this.#timeline.nowMs;
    await Promise.all(
      victims.map(async (victim) => {
        this.#timeline.add(victim.part.spec.name, `receives ${signal}`);
        await victim.part.kill(signal);
        this.#timeline.add(victim.part.spec.name, 'is gone');
        await pause(downMs);
        await this.#cluster.restart(victim);
        this.#timeline.add(victim.part.spec.name, 'is back');
      }),
    );
  }
}

const pause = (ms: number): Promise<void> => sleep(systemClock, ms);

const labelsOn = (link: FaultProxy): string[] =>
  link.connections.map(({ label }) => label).filter((label) => label !== '');
const speakersOn = ({ ingress }: Instance): number[] => [...new Set(labelsOn(ingress).map(Number))];

/** Impairs a link; resolves when it is perfect again. */
async function applyLinkFault(link: FaultProxy, fault: LinkFault): Promise<void> {
  if (fault.kind === 'drop') link.drop();
  else if (fault.kind === 'cut') link.cut(fault.direction);
  else if (fault.kind === 'outage') {
    link.refuseNew(true);
    link.drop();
    await pause(fault.ms);
    link.refuseNew(false);
  } else {
    link.setConditions(conditionsOf(fault));
    await pause(fault.ms);
    if (fault.kind === 'stall') link.drop();
    link.setConditions({});
  }
}

function conditionsOf(
  fault: Exclude<LinkFault, { kind: 'drop' | 'cut' | 'outage' }>,
): Partial<LinkConditions> {
  if (fault.kind === 'stall' || fault.kind === 'freeze') return { stalled: true };
  return fault.kind === 'latency' ? { latencyMs: fault.latencyMs } : { bytesPerSecond: fault.bytesPerSecond };
}

/** The gateway's fault rule, as `POST /_local/faults` takes it. */
function ruleOf(fault: DatabaseFault): Record<string, unknown> {
  if (fault.kind === 'delay') return { delayMs: fault.delayMs };
  if (fault.kind === 'outage') return { effect: 'refuse' };
  const effects = {
    errors: 'error',
    'http-500': 'http-500',
    'lost-answers': 'lose-answer',
    late: 'late',
  } as const;
  const lateMs = fault.kind === 'late' ? fault.lateMs : undefined;
  const only = lateMs === undefined ? {} : { lateMs, times: 1 };
  return { effect: effects[fault.kind], probability: fault.probability, ...only };
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
