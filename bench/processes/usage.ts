import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import { nowUs } from './now-us.ts';

/** The histogram's timer, ms: what it measures beyond this is delay. */
const RESOLUTION_MS = 10;
const NS_PER_MS = 1_000_000;

/** What a process used between `begin` and `end`. */
export interface LoopUsage {
  wallMs: number;
  /** All threads of the process, user and system. */
  cpuMs: number;
  /** By how much timers were late. */
  lagMs: { p50: number; p99: number; max: number };
  /** Collections of the whole heap: they cost by its size, and come the more often, the more of what is short-lived grows old. */
  fullCollections: number;
}

export interface LoopWatch {
  begin(): void;
  end(): LoopUsage;
}

/** Watches this process: its CPU time, how late its timers are, and its garbage collector. */
export function watchLoop(): LoopWatch {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let fullCollections = 0;
  const collector = new PerformanceObserver((list) => {
    // Node's types do not know what an entry of the collector has.
    for (const { detail } of list.getEntries() as (PerformanceEntry & { detail: { kind: number } })[])
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) fullCollections += 1;
  });
  collector.observe({ entryTypes: ['gc'] });
  let startedUs = nowUs();
  let cpu = process.cpuUsage();
  const lateMs = (ns: number): number => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
  return {
    begin() {
      delay.reset();
      fullCollections = 0;
      startedUs = nowUs();
      cpu = process.cpuUsage();
    },
    end() {
      const { user, system } = process.cpuUsage(cpu);
      return {
        wallMs: (nowUs() - startedUs) / 1_000,
        cpuMs: (user + system) / 1_000,
        lagMs: {
          p50: lateMs(delay.percentile(50)),
          p99: lateMs(delay.percentile(99)),
          max: lateMs(delay.max),
        },
        fullCollections,
      };
    },
  };
}
