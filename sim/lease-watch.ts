import type { Instance } from './instance.ts';
import type { SimRecogniser } from './recogniser.ts';
import type { Scheduler } from './scheduler.ts';

/** An instance that stood still has renewed its lease by then, or knows that it is lost. */
const AFTER_PAUSE_MS = 20_000;

export interface LeaseWatchInit {
  scheduler: Scheduler;
  /** Streams that the instances share. */
  streams: number;
  recogniser: () => SimRecogniser;
  /** Those that are alive. */
  instances: () => readonly Instance[];
  broken: (rule: string, detail: string) => void;
}

/**
 * What must hold of the streams that instances share: together they hold, and have open, no more than there are. Not while an
 * instance has lost its lease or stands still, nor until what it has open beyond what it was granted has ended: nothing that runs is
 * taken away. A stream that is being ended does not count, since the next one of its session may be there already.
 */
export class LeaseWatch {
  readonly #init: LeaseWatchInit;

  constructor(init: LeaseWatchInit) {
    this.#init = init;
  }

  check(): void {
    const { streams, recogniser, instances, broken } = this.#init;
    const alive = instances();
    if (alive.some((instance) => this.#isExcused(instance))) return;
    const granted = alive.reduce((sum, { leases }) => sum + (leases?.slots.granted ?? 0), 0);
    if (granted > streams)
      broken('instances hold no more streams than there are', `${granted} of ${streams}`);
    const open = recogniser().listening;
    if (open > streams) broken('instances open no more streams than there are', `${open} of ${streams}`);
  }

  #isExcused({ leases, party }: Instance): boolean {
    if (!leases) return true;
    const { granted, used } = leases.slots;
    const stoodStill = party.wasPausedSince(this.#init.scheduler.nowMs - AFTER_PAUSE_MS);
    return leases.state === 'lost' || used > granted || stoodStill;
  }
}
