/** What happens to the n-th call of an action, once. */
export interface Fault {
  /** `tcbr.UpdateCloudRunServer` */
  action: string;
  /** Counted from 1, from when the fault was set. Default 1. */
  nth?: number;
  /**
   * `refuse`: answered with `code`. `cut-before`: the connection breaks and nothing is done. `cut-after`: it is done, and
   * the answer is lost. `hold`: answered only when the test calls `release`.
   */
  effect: 'refuse' | 'cut-before' | 'cut-after' | 'hold';
  code?: string;
  message?: string;
}

interface Waiting extends Fault {
  left: number;
}

/** Faults that tests have set and that have not happened yet. */
export class Faults {
  #waiting: Waiting[] = [];

  set(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.nth ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** What happens to this call of `action`; undefined: nothing. */
  take(action: string): Fault | undefined {
    const concerned = this.#waiting.filter((fault) => fault.action === action);
    for (const fault of concerned) fault.left -= 1;
    const due = concerned.find((fault) => fault.left === 0);
    if (due) this.#waiting = this.#waiting.filter((fault) => fault !== due);
    return due;
  }
}
