import type { Clock } from '../../lib/clock.ts';
import { FakeClock, flushPromises } from '../../lib/fake-clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { Health } from '../src/health.ts';
import { StreamLeases } from '../src/leases/stream-leases.ts';
import type { Log } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { DatabaseBudget } from '../src/store/database-budget.ts';
import { FakeLeases } from './fake-leases.ts';

export interface FleetMember {
  leases: StreamLeases;
  health: Health;
  metrics: ReturnType<typeof createMetrics>;
  /** Messages of its log. */
  log: string[];
  /** Takes slots for so many sessions. @returns for how many there was one */
  take(count: number): number;
  give(count: number): void;
  /** The process is gone: nothing that it has begun goes on. */
  kill(): void;
}

/** Instances that share the streams of an account through one store, on one clock. */
export class LeaseFleet {
  readonly clock = new FakeClock();
  readonly store = new FakeLeases(this.clock);
  readonly limit: number;
  private readonly random: () => number;
  private made = 0;
  private readonly alive = new Map<string, FleetMember>();

  constructor(limit: number, seed = 1) {
    this.limit = limit;
    this.random = seededRandom(seed);
    this.store.fateOf = () => ({ latencyMs: 10 + 20 * this.random() });
  }

  /** @param skewMs how far its clock is wrong */
  start({ skewMs = 0, maxSessions = 1_000 } = {}): FleetMember {
    this.made += 1;
    const id = `instance-${this.made}`;
    let isAlive = true;
    const clock: Clock = {
      now: () => this.clock.now() + skewMs,
      after: (ms, fn) => this.clock.after(ms, () => isAlive && fn()),
    };
    const { log, lines } = memoryLog();
    const [health, metrics] = [new Health(), createMetrics()];
    const budget = new DatabaseBudget(clock, 20);
    const leases = new StreamLeases(
      { store: this.store, budget, clock, random: this.random, id, log, metrics, health },
      { streams: this.limit, maxSessions },
    );
    const member: FleetMember = {
      leases,
      health,
      metrics,
      log: lines,
      take: (count) => Array.from({ length: count }, () => leases.take()).filter((taken) => taken).length,
      give: (count) => {
        for (let i = 0; i < count; i++) leases.give();
      },
      kill: () => {
        isAlive = false;
        this.alive.delete(id);
      },
    };
    this.alive.set(id, member);
    return member;
  }

  /** Lets the first answers come. */
  async settle(): Promise<void> {
    await this.clock.advance(1_500);
    await flushPromises();
  }

  /** Streams that the instances count as theirs, in all. */
  get granted(): number {
    return [...this.alive.values()].reduce((sum, { leases }) => sum + leases.slots.granted, 0);
  }

  /** What the stored leases show. */
  get stored(): number[] {
    return [...this.store.documents.values()].map(({ slots }) => slots);
  }
}

function memoryLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const write = (_fields: object, message: string) => void lines.push(message);
  const log: Log = { debug: () => {}, info: write, warn: write, error: write, child: () => log };
  return { log, lines };
}
