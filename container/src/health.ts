import type { ErrorCode } from '../../contract/errors.ts';

/** What the service depends on; `leases`: the collection in which the instances share the recogniser's streams. */
export type Dependency = 'store' | 'asr' | 'leases';

export interface Fault {
  dependency: Dependency;
  code: ErrorCode;
}

/**
 * Permanent faults of what the service depends on, for `/ready`. They are named there, but do not take the instance out of
 * rotation: a shared service that is away would take every instance out.
 */
export class Health {
  private readonly current = new Map<Dependency, ErrorCode>();
  private storeAnswered = false;

  /** @returns whether this fault is new */
  failed(dependency: Dependency, code: ErrorCode): boolean {
    const isNew = this.current.get(dependency) !== code;
    this.current.set(dependency, code);
    return isNew;
  }

  works(dependency: Dependency): void {
    this.current.delete(dependency);
    if (dependency === 'store') this.storeAnswered = true;
  }

  /** Whether the database has answered since the start; until then `/ready` is 503. */
  get hasStarted(): boolean {
    return this.storeAnswered;
  }

  get faults(): Fault[] {
    return [...this.current].map(([dependency, code]) => ({ dependency, code }));
  }
}
