import type { Dial, SocketTask } from '../miniprogram/client/dialers/dial.ts';
import type { Scheduler, SimulatedHost } from './scheduler.ts';

export type Frame = string | ArrayBuffer;

/** How the link between a phone and the service is at the moment. */
export interface LinkConditions {
  latencyMs: () => number;
  /** New connections fail. */
  isDown: boolean;
  /** Nothing passes, and nobody is told. */
  isHalfOpen: boolean;
}

/** The service's side of a connection. */
export interface ServerEnd {
  message(frame: Frame): void;
  closed(): void;
}

interface ConnectionInit {
  scheduler: Scheduler;
  phone: SimulatedHost;
  instance: SimulatedHost;
  link: LinkConditions;
  /** The phone has sent so much that has not arrived, bytes. */
  onWaiting: (bytes: number) => void;
}

const bytesOf = (frame: Frame): number => (typeof frame === 'string' ? frame.length : frame.byteLength);

/**
 * One connection: frames arrive in the order in which they were sent. When it is cut, what is on its way is lost, and each side
 * learns of it by itself.
 */
export class Connection {
  readonly #scheduler: Scheduler;
  readonly #phone: SimulatedHost;
  readonly #instance: SimulatedHost;
  readonly #link: LinkConditions;
  readonly #arriveAtMs = { up: 0, down: 0 };
  /** What arrives in order; that the connection is gone is noticed by itself. */
  readonly #channels = { up: {}, down: {}, end: {} };
  /** The newest packet in each direction, and the step in which it was sent. */
  readonly #packet: { [direction in 'up' | 'down']?: { step: number; frames: Frame[] } } = {};
  readonly #onWaiting: (bytes: number) => void;
  /** Bytes that the phone has sent and that have not arrived; on a half-open link none arrives. */
  #waitingBytes = 0;
  #open = true;
  server: ServerEnd | undefined;
  client: { message(data: Frame): void; closed(reason: string): void } | undefined;

  constructor({ scheduler, phone, instance, link, onWaiting }: ConnectionInit) {
    this.#scheduler = scheduler;
    this.#phone = phone;
    this.#instance = instance;
    this.#link = link;
    this.#onWaiting = onWaiting;
  }

  toServer(frame: Frame): void {
    this.#waitingBytes += bytesOf(frame);
    this.#onWaiting(this.#waitingBytes);
    this.#carryFrame('up', frame, (one) => {
      this.#waitingBytes -= bytesOf(one);
      this.server?.message(one);
    });
  }

  toClient(frame: Frame): void {
    this.#carryFrame('down', frame, (one) => this.client?.message(one));
  }

  /** The service closes the connection, in order behind what it has sent. */
  closeFromServer(): void {
    this.#carry('down', () => this.cut());
  }

  closeFromClient(): void {
    this.#carry('up', () => this.cut());
  }

  cut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#instance.after(0, () => this.#arrive('end', this.#instance, () => this.server?.closed()));
    this.#phone.after(0, () => this.client?.closed('transport close'));
  }

  /** The binary part of a packet arrives together with the text before it: one event instead of two. */
  #carryFrame(direction: 'up' | 'down', frame: Frame, deliver: (frame: Frame) => void): void {
    const last = this.#packet[direction];
    if (typeof frame !== 'string' && last?.step === this.#scheduler.steps) {
      last.frames.push(frame);
      return;
    }
    const packet = { step: this.#scheduler.steps, frames: [frame] };
    this.#packet[direction] = packet;
    this.#carry(direction, () => {
      for (const one of packet.frames) deliver(one);
    });
  }

  #carry(direction: 'up' | 'down', deliver: () => void): void {
    if (!this.#open) return;
    const { nowMs } = this.#scheduler;
    const arrivesMs = Math.max(nowMs + this.#link.latencyMs(), this.#arriveAtMs[direction]);
    this.#arriveAtMs[direction] = arrivesMs;
    const to = direction === 'up' ? this.#instance : this.#phone;
    to.after(arrivesMs - nowMs, () =>
      this.#arrive(direction, to, () => {
        if (this.#open && !this.#link.isHalfOpen) deliver();
      }),
    );
  }

  #arrive(channel: 'up' | 'down' | 'end', to: SimulatedHost, deliver: () => void): void {
    this.#scheduler.deliver(this.#channels[channel], () => {
      if (to.alive) deliver();
    });
  }
}

/** A phone's link: how it dials, and what can be done to its connections. */
export class Link {
  readonly conditions: LinkConditions;
  readonly #connections = new Set<Connection>();
  readonly #phone: SimulatedHost;
  readonly #scheduler: Scheduler;
  readonly #make: (make: (instance: SimulatedHost) => Connection) => boolean;
  readonly #onWaiting: (bytes: number) => void;

  /** @param init.accept chooses an instance, calls `make` and serves the connection; false: no instance is up */
  constructor(init: {
    phone: SimulatedHost;
    scheduler: Scheduler;
    latencyMs: () => number;
    accept: (make: (instance: SimulatedHost) => Connection) => boolean;
    onWaiting?: (bytes: number) => void;
  }) {
    this.#phone = init.phone;
    this.#scheduler = init.scheduler;
    this.conditions = { latencyMs: init.latencyMs, isDown: false, isHalfOpen: false };
    this.#make = init.accept;
    this.#onWaiting = init.onWaiting ?? (() => {});
  }

  readonly dial: Dial = () => this.connect();

  /** Rejects where no instance is up or the link is down. */
  connect(): Promise<SocketTask> {
    return new Promise<SocketTask>((resolve, reject) => {
      const { latencyMs, isDown } = this.conditions;
      this.#phone.after(2 * latencyMs(), () => {
        let connection: Connection | undefined;
        const accepted =
          !isDown &&
          !this.conditions.isDown &&
          this.#make((instance) => {
            connection = new Connection({
              scheduler: this.#scheduler,
              phone: this.#phone,
              instance,
              link: this.conditions,
              onWaiting: this.#onWaiting,
            });
            return connection;
          });
        if (accepted && connection) resolve(this.#taskOf(connection));
        else reject({ errMsg: 'connectContainer:fail' });
      });
    });
  }

  /** Every connection is cut. */
  drop(): void {
    for (const connection of this.#connections) connection.cut();
    this.#connections.clear();
  }

  #taskOf(connection: Connection): SocketTask {
    this.#connections.add(connection);
    let onMessage: (message: { data: unknown }) => void = () => {};
    let onClose: (event: { code?: number; reason?: string }) => void = () => {};
    const early: Frame[] = [];
    let listening = false;
    connection.client = {
      message: (data) => {
        if (listening) onMessage({ data });
        else early.push(data);
      },
      closed: (reason) => {
        this.#connections.delete(connection);
        onClose({ code: 1006, reason });
      },
    };
    return {
      onMessage: (fn) => {
        onMessage = fn;
        listening = true;
        for (const data of early.splice(0)) fn({ data });
      },
      onClose: (fn) => {
        onClose = fn;
      },
      onError: () => {},
      send: ({ data }) => connection.toServer(typeof data === 'string' ? data : data.slice(0)),
      close: () => connection.closeFromClient(),
    };
  }
}
