import type { DatabaseFault, KillFault, LinkFault, PlannedFault, ServiceFault } from './fault-kinds.ts';
import { kindOf } from './fault-kinds.ts';
import type { Plan, StopFault } from './plan.ts';
import type { FaultProxy } from './proxy.ts';
import type { Timeline } from './timeline.ts';
import type { Instance, World } from './world.ts';

/** After an outage the client is back, and a replay under way, within about this time, ms. */
const IN_REPLAY_AFTER_MS = 900;

/** What became of a planned fault. Times since the speakers began, ms. */
export interface Injected {
  planned: PlannedFault;
  kind: string;
  beganAt: number;
  /** From here on everything can come back. */
  endedAt: number;
  /** Speakers that it struck. */
  affected: number[];
  /** Upstream connections that it struck. */
  voiceIds: string[];
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Does what the plan says, at its time. */
export class Injector {
  readonly injected: Injected[] = [];
  readonly #world: World;
  readonly #timeline: Timeline;
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Containers are ended one after the other. */
  #killing: Promise<void> = Promise.resolve();

  constructor(world: World, timeline: Timeline) {
    this.#world = world;
    this.#timeline = timeline;
  }

  schedule(plan: Plan): void {
    for (const planned of plan.faults)
      this.#timers.add(setTimeout(() => this.#run(() => this.#inject(planned)), planned.atMs));
  }

  /** The link of a speaker that has just stopped. */
  atStop({ speaker, afterMs, ms }: StopFault): void {
    const link = this.#world.clientLinks[speaker] as FaultProxy;
    this.#run(async () => {
      await sleep(afterMs);
      this.#timeline.note(`speaker-${speaker}`, 'link lost while stopping', { ms });
      await strike(link, ms > 0 ? { kind: 'outage', ms } : { kind: 'drop' });
    });
  }

  /** No more faults; resolves when those under way have ended. */
  async finish(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch((error: Error) => this.#timeline.note('injector', 'failed', { message: error.message }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #inject(planned: PlannedFault): Promise<void> {
    const kind = kindOf(planned);
    const record: Injected = {
      planned,
      kind,
      beganAt: this.#timeline.nowMs,
      endedAt: 0,
      affected: [],
      voiceIds: [],
    };
    const who = `fault-${planned.id}`;
    this.#timeline.note(who, `begin ${kind}`, { planned });
    await this.#carryOut(planned, record);
    record.endedAt = Math.max(record.endedAt, record.beganAt);
    this.injected.push(record);
    this.#timeline.note(who, `end ${kind}`, { affected: record.affected, voiceIds: record.voiceIds });
  }

  async #carryOut(planned: PlannedFault, record: Injected): Promise<void> {
    if (planned.on === 'client') {
      record.affected = [planned.speaker];
      await strike(this.#world.clientLinks[planned.speaker] as FaultProxy, planned.fault);
    } else if (planned.on === 'asr-link') {
      const { asrLink } = this.#instance(planned.container);
      record.voiceIds = voiceIdsOn(asrLink);
      await strike(asrLink, planned.fault);
    } else if (planned.on === 'database-link') {
      const instance = this.#instance(planned.container);
      record.affected = speakersOn(instance);
      await strike(instance.databaseLink, planned.fault);
    } else if (planned.on === 'database') {
      record.affected = this.#world.clientLinks.map((_, i) => i);
      await this.#strikeDatabase(planned.fault);
    } else if (planned.on === 'asr') {
      await this.#strikeStream(planned, record);
      return;
    } else {
      await this.#kill(planned, record);
      return;
    }
    record.endedAt = this.#timeline.nowMs;
  }

  #instance(number: number): Instance {
    return this.#world.instances[number % this.#world.instances.length] as Instance;
  }

  async #strikeDatabase(fault: DatabaseFault): Promise<void> {
    const url = `${this.#world.gatewayUrl}/_local/faults`;
    const rule = { match: 'database.*', ...ruleOf(fault) };
    await post(url, { seed: fault.ms, rules: [rule] });
    await sleep(fault.ms);
    await fetch(url, { method: 'DELETE' });
  }

  /** Arms the service for the streams to come, and cuts a stream of the speaker's container so that they come. */
  async #strikeStream({ speaker, faults }: ServiceFault, record: Injected): Promise<void> {
    const serving = this.#servingOf(speaker);
    const links = serving.map(({ asrLink }) => asrLink);
    const [stream] = links.flatMap(({ connections }) => connections.filter(({ label }) => label !== ''));
    await post(
      `${this.#world.asrUrl}/_local/faults`,
      faults.map((fault) => ({ ...fault, times: 1 })),
    );
    for (const link of links) if (stream) link.drop(stream);
    if (stream) record.voiceIds = [stream.label];
    record.endedAt = this.#timeline.nowMs;
  }

  #servingOf(speaker: number): Instance[] {
    const serving = this.#world.instances.filter((instance) => speakersOn(instance).includes(speaker));
    return serving.length > 0 ? serving : [...this.#world.instances];
  }

  #kill(planned: KillFault, record: Injected): Promise<void> {
    // even if one goes wrong the next takes place
    this.#killing = this.#killing.then(
      () => this.#killNow(planned, record),
      () => this.#killNow(planned, record),
    );
    return this.#killing;
  }

  async #killNow(planned: KillFault, record: Injected): Promise<void> {
    const { speaker, afterOutageMs, signal, downMs, both } = planned;
    if (afterOutageMs > 0) {
      await strike(this.#world.clientLinks[speaker] as FaultProxy, { kind: 'outage', ms: afterOutageMs });
      await sleep(IN_REPLAY_AFTER_MS);
    }
    const victims = both ? [...this.#world.instances] : this.#servingOf(speaker).slice(0, 1);
    record.affected = [...new Set(victims.flatMap(speakersOn))];
    record.endedAt = this.#timeline.nowMs;
    await Promise.all(
      victims.map(async (victim) => {
        this.#timeline.note(victim.part.spec.name, `receives ${signal}`);
        await victim.part.kill(signal);
        this.#timeline.note(victim.part.spec.name, 'is gone');
        await sleep(downMs);
        await this.#world.restart(victim);
        this.#timeline.note(victim.part.spec.name, 'is back');
      }),
    );
  }
}

const labelsOn = (link: FaultProxy): string[] =>
  link.connections.map(({ label }) => label).filter((label) => label !== '');
const voiceIdsOn = labelsOn;
const speakersOn = ({ ingress }: Instance): number[] => [...new Set(labelsOn(ingress).map(Number))];

/** Makes a link bad and good again. */
async function strike(link: FaultProxy, fault: LinkFault): Promise<void> {
  if (fault.kind === 'drop') link.drop();
  else if (fault.kind === 'cut') link.cut(fault.direction);
  else if (fault.kind === 'outage') {
    link.refuse(true);
    link.drop();
    await sleep(fault.ms);
    link.refuse(false);
  } else {
    link.behave(mannersOf(fault));
    await sleep(fault.ms);
    if (fault.kind === 'stall') link.drop();
    link.behave({});
  }
}

function mannersOf(fault: Exclude<LinkFault, { kind: 'drop' | 'cut' | 'outage' }>) {
  if (fault.kind === 'stall' || fault.kind === 'freeze') return { stalled: true };
  return fault.kind === 'latency' ? { latencyMs: fault.latencyMs } : { bytesPerSecond: fault.bytesPerSecond };
}

function ruleOf(fault: DatabaseFault): Record<string, unknown> {
  if (fault.kind === 'delay') return { delayMs: fault.delayMs };
  if (fault.kind === 'outage') return { effect: 'refuse' };
  const effects = { errors: 'error', 'http-500': 'http-500', 'lost-answers': 'lose-answer' } as const;
  return { effect: effects[fault.kind], probability: fault.probability };
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
