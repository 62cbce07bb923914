import { VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { DatabaseBudget } from '../store/database-budget.ts';
import { causeOf } from '../store/observed-store.ts';
import { type LeaseStore, MAX_LEASES } from '../store/types.ts';
import type { StreamSlots } from '../upstream/admission.ts';
import { LEASE_TABLE, type LeaseEvent, type LeaseState } from './lease-states.ts';
import { OtherLeases } from './other-leases.ts';
import { OwnLease } from './own-lease.ts';
import { LEASE_RULES, type LeaseRules } from './rules.ts';
import { wantedSlots } from './wanted.ts';

export interface StreamLeasesDeps {
  store: LeaseStore;
  budget: DatabaseBudget;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Of this process; no other one ever has it. */
  id: string;
  log: Log;
  metrics: Metrics;
  health: Health;
}

export interface StreamLimits {
  /** Streams that the account has over all instances. */
  streams: number;
  /** Sessions of this instance. */
  maxSessions: number;
}

const isRetriableError = (error: unknown): boolean => error instanceof VoiceError && error.retriable;

/**
 * The recogniser's streams that this instance may have open: its part of what the account has, agreed upon with the other
 * instances through one document each. An instance first writes how many it wants and then reads everybody's: of two that
 * want the last ones at the same moment, at least one sees the other. What the others leave in that reading is its own; what it wrote
 * beyond it, it takes back. Whether a write took place is known from the reading, never from its answer.
 *
 * A lease that cannot be renewed ends nothing: its sessions go on, and until it is renewed sessions are not counted.
 */
export class StreamLeases implements StreamSlots {
  private current: LeaseState = 'starting';
  private readonly deps: StreamLeasesDeps;
  private readonly limits: StreamLimits;
  private readonly rules: LeaseRules;
  private readonly own: OwnLease;
  private readonly others: OtherLeases;
  /** Streams that are ours. The stored lease never shows fewer. */
  private granted = 0;
  private used = 0;
  private waiting = 0;
  /** The others' leases could not all be read. */
  private isCrowded = false;
  /** Claims since we last got something of which another instance's claim left nothing. */
  private collisions = 0;
  private isDraining = false;
  /** It is time to renew. */
  private isDue = true;
  private running: Promise<void> | undefined;
  private cancelTurn = (): void => {};
  /** The wait for the next turn that was asked for. */
  private turnMs = Number.POSITIVE_INFINITY;
  private cancelRenewal = (): void => {};
  private cancelExpiry: () => void;
  private tellChanged = (): void => {};

  constructor(deps: StreamLeasesDeps, limits: StreamLimits, rules: LeaseRules = LEASE_RULES) {
    this.deps = deps;
    this.limits = limits;
    this.rules = rules;
    this.own = new OwnLease(deps.store, deps.clock, deps.id);
    this.others = new OtherLeases(rules.deadAfterLooks);
    this.cancelExpiry = this.expireLater();
    this.turnWithin(0);
  }

  get state(): LeaseState {
    return this.current;
  }

  /** More may be in use than granted after the lease was lost: nothing is taken away. */
  get slots(): { granted: number; used: number } {
    const { granted, used } = this;
    return { granted, used };
  }

  get waitingElsewhere(): number {
    return this.others.waiting;
  }

  take(): boolean {
    const isCounted = this.current === 'starting' || this.current === 'held';
    if (isCounted && this.used >= this.usable) return false;
    this.used += 1;
    if (this.current === 'held' && this.target > this.granted) this.turnWithin(this.rules.askMs);
    this.measure();
    return true;
  }

  give(): void {
    this.used -= 1;
    const isScarce = this.room - this.granted < this.rules.blockSlots;
    if (this.current === 'held' && (this.isDraining || isScarce)) this.turnWithin(this.rules.giveMs);
    this.measure();
  }

  setWaiting(count: number): void {
    const hasChanged = count > 0 !== this.waiting > 0;
    this.waiting = count;
    if (hasChanged) this.turnWithin(count > 0 ? this.rules.askMs : this.rules.giveMs);
    this.measure();
  }

  onChange(changed: () => void): void {
    this.tellChanged = changed;
  }

  /** The sessions are being given away: what they leave is given back at once. */
  drain(): void {
    this.isDraining = true;
    this.turnWithin(0);
  }

  /** Gives everything back. Never throws: the others take a lease that is left behind for dead. */
  async end(): Promise<void> {
    if (!this.transition('end')) return;
    this.cancelTurn();
    await this.running;
    this.cancelRenewal();
    this.cancelExpiry();
    await this.deps.store.remove(this.deps.id).catch(() => {});
  }

  /** What the others leave of the account's streams, as they were last seen. */
  private get room(): number {
    return this.isCrowded ? 0 : this.limits.streams - this.others.slots;
  }

  private get share(): number {
    return Math.floor(this.limits.streams / (this.others.alive.length + 1));
  }

  /** What sessions may use: who has more than a share leaves it to an instance that is short of its own. */
  private get usable(): number {
    return this.others.isShort(this.share) ? Math.min(this.granted, this.share) : this.granted;
  }

  /** What the stored lease should show: what is wanted, where there is room for it. */
  private get target(): number {
    const { used, waiting, granted, limits, others, isDraining, share } = this;
    const { streams: limit, maxSessions } = limits;
    const elsewhere = { waitingElsewhere: others.waiting, isOtherShort: others.isShort(share), share };
    const wanted = wantedSlots(
      { used, waiting, granted, limit, maxSessions, isDraining, ...elsewhere },
      this.rules,
    );
    return wanted <= granted ? wanted : Math.max(used, granted, Math.min(wanted, this.room));
  }

  /** The one place where the state changes. @returns whether the event had an effect */
  private transition(event: LeaseEvent): boolean {
    const from = this.current;
    const to = LEASE_TABLE.next(from, event);
    if (to === 'none') return false;
    this.current = to;
    if (to !== 'held') this.granted = 0;
    const { log } = this.deps;
    const { used } = this;
    if (to === 'lost') log.warn({ reason: event, used }, 'the lease is lost: sessions are not counted');
    if (from === 'lost' && to === 'held') log.info({ used }, 'the lease is held again');
    this.measure();
    if (to === 'lost') this.tellChanged();
    return true;
  }

  /** The next turn begins within `ms`. Waits are compared, not times of day. */
  private turnWithin(ms: number): void {
    if (this.current === 'ended' || ms >= this.turnMs) return;
    this.turnMs = ms;
    if (this.running) return;
    this.cancelTurn();
    this.cancelTurn = this.deps.clock.after(ms, () => {
      this.turnMs = Number.POSITIVE_INFINITY;
      this.running = this.turn().then((nextMs) => {
        const ms = Math.min(nextMs, this.turnMs);
        this.running = undefined;
        this.turnMs = Number.POSITIVE_INFINITY;
        this.turnWithin(ms);
      });
    });
  }

  /** Writes what we want, where it has changed or is to be renewed, and looks at everybody's lease. @returns ms to the next turn */
  private async turn(): Promise<number> {
    const slots = this.target;
    // Given up before the lease shows it.
    this.granted = Math.min(this.granted, slots);
    const writes = this.isDue || !this.own.shows(slots, this.waiting);
    const cancelExpiry = writes ? this.expireLater() : () => {};
    try {
      if (writes) await this.write(slots);
      const isConfirmed = await this.look(writes);
      if (isConfirmed && writes && slots > this.granted) this.collisions += 1;
      if (isConfirmed && writes) this.onRenewed(cancelExpiry);
      else cancelExpiry();
      this.tellChanged();
      await this.removeDead();
      return this.nextTurnMs(isConfirmed, writes);
    } catch (error) {
      cancelExpiry();
      this.onFailure(error);
      return isRetriableError(error) ? this.varied(this.rules.retryMs) : this.rules.renewMs;
    }
  }

  private async write(slots: number): Promise<void> {
    await this.deps.budget.acquire('lease');
    try {
      await this.own.write(slots, this.waiting);
    } catch (error) {
      // It may have taken place all the same: the look tells.
      if (!isRetriableError(error)) throw error;
      this.onFailure(error);
    }
  }

  /** @returns whether our newest write is to be seen */
  private async look(isRenewal: boolean): Promise<boolean> {
    await this.deps.budget.acquire('lease');
    const leases = await this.deps.store.list();
    const shown = this.own.find(leases);
    const isConfirmed = shown !== undefined;
    const others = leases.filter(({ _id }) => _id !== this.deps.id);
    this.others.look(others, isRenewal && isConfirmed && this.isDue);
    this.isCrowded = leases.length >= MAX_LEASES;
    // Somebody took us for dead: what we had may be somebody else's now.
    if (!this.own.exists) this.granted = 0;
    const before = this.granted;
    if (isConfirmed) this.granted = Math.max(this.granted, Math.min(shown, this.room));
    if (this.granted > before || this.waiting === 0) this.collisions = 0;
    return isConfirmed;
  }

  private onRenewed(cancelExpiry: () => void): void {
    this.cancelExpiry();
    this.cancelExpiry = cancelExpiry;
    this.deps.health.works('leases');
    this.transition('confirmed');
    if (!this.isDue) return;
    this.isDue = false;
    this.cancelRenewal = this.deps.clock.after(this.rules.renewMs, () => {
      this.isDue = true;
      this.turnWithin(0);
    });
  }

  /** A lease that a dead instance has left behind, so that they do not pile up. */
  private async removeDead(): Promise<void> {
    const [dead] = this.others.dead;
    if (!dead) return;
    await this.deps.budget.acquire('lease');
    await this.deps.store.remove(dead._id, dead.seq);
  }

  private nextTurnMs(isConfirmed: boolean, wrote: boolean): number {
    const { claimMs, maxClaimMs, pollMs } = this.rules;
    if (!isConfirmed) return this.varied(claimMs);
    // Where a claim stands for long before it is read, two of them meet again and again unless the waits grow.
    const againMs = Math.min(maxClaimMs, claimMs * 2 ** this.collisions);
    // There is more to be had than expected, or less: in the second case somebody else has asked for it, too.
    if (!this.own.shows(this.target, this.waiting)) return wrote ? this.varied(againMs) : 0;
    return this.waiting > 0 ? this.varied(pollMs) : Number.POSITIVE_INFINITY;
  }

  private onFailure(error: unknown): void {
    const { metrics, health, log } = this.deps;
    const code = error instanceof VoiceError ? error.code : 'INTERNAL';
    metrics.leaseFailures.inc({ code });
    const isNew = code === 'STORE_MISCONFIGURED' && health.failed('leases', code);
    const fields = { code, cause: causeOf(error) };
    if (isNew) log.error(fields, 'the database refuses the leases: its configuration is wrong');
    this.transition('failed');
  }

  private expireLater(): () => void {
    return this.deps.clock.after(this.rules.lostMs, () => this.transition('expired'));
  }

  /** From half of `ms` to half more, so that instances do not act in step. */
  private varied(ms: number): number {
    return ms * (0.5 + this.deps.random());
  }

  private measure(): void {
    const { metrics } = this.deps;
    metrics.leaseSlots.set(this.granted);
    metrics.leaseUsed.set(this.used);
    metrics.leaseWaiting.set(this.waiting);
  }
}
