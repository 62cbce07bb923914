import { flushPromises } from '../../../lib/fake-clock.ts';
import type { Dial, DialRequest, SocketTask } from '../dialers/dial.ts';

type Frame = string | ArrayBuffer;

/** A socket whose server is the test. */
export class ScriptedTask implements SocketTask {
  /** Frames of the client, oldest first. */
  readonly sent: Frame[] = [];
  closed = false;
  /** Answer the next `send` with this failure. */
  failNext: string | undefined;
  private listeners: { [kind: string]: (event: never) => void } = {};

  onMessage(fn: (message: { data: unknown }) => void): void {
    this.listeners.message = fn;
  }
  onClose(fn: (event: { code?: number; reason?: string }) => void): void {
    this.listeners.close = fn;
  }
  onError(fn: (event: { errMsg?: string }) => void): void {
    this.listeners.error = fn;
  }

  send({ data, success, fail }: Parameters<SocketTask['send']>[0]): void {
    if (typeof data !== 'string' && Object.prototype.toString.call(data) !== '[object ArrayBuffer]')
      throw new Error('a view was sent');
    if (this.failNext !== undefined) {
      fail?.({ errMsg: this.failNext });
      return;
    }
    this.sent.push(data);
    success?.();
  }

  close(): void {
    this.closed = true;
  }

  /** Frames that were sent since the last call. */
  take(): Frame[] {
    return this.sent.splice(0);
  }

  deliver(...frames: unknown[]): void {
    for (const data of frames) this.listeners.message?.({ data } as never);
  }

  /** The Engine.IO handshake. */
  handshake(times: { pingInterval?: unknown; pingTimeout?: unknown } = {}): void {
    const packet = { sid: 'engine', upgrades: [], pingInterval: 10_000, pingTimeout: 5000, maxPayload: 1e6 };
    this.deliver(`0${JSON.stringify({ ...packet, ...times })}`);
  }

  /** Handshake and the server's yes to a namespace. */
  accept(nsp = '/', id = 'socket', pid?: string): void {
    this.handshake();
    this.welcome(nsp, id, pid);
  }

  welcome(nsp = '/', id = 'socket', pid?: string): void {
    this.deliver(`40${nsp === '/' ? '' : `${nsp},`}${JSON.stringify({ sid: id, pid })}`);
  }

  /** The connection closes, with WeChat's event. */
  drop(event: { code?: number; reason?: string } = { code: 1006, reason: '' }): void {
    this.listeners.close?.(event as never);
  }

  error(errMsg: string): void {
    this.listeners.error?.({ errMsg } as never);
  }
}

/** Answers dials with scripted sockets. */
export class ScriptedServer {
  readonly tasks: ScriptedTask[] = [];
  readonly requests: DialRequest[] = [];
  /** A dial is refused with this. */
  refuseWith: unknown;
  /** A dial waits for it. */
  gate: Promise<void> | undefined;

  readonly dial: Dial = async (request) => {
    this.requests.push(request);
    const { refuseWith, gate } = this;
    if (gate) await gate;
    if (refuseWith) throw refuseWith;
    const task = new ScriptedTask();
    this.tasks.push(task);
    return task;
  };

  /** The socket of the newest dial, once the client has it. */
  async task(): Promise<ScriptedTask> {
    await flushPromises();
    const newest = this.tasks[this.tasks.length - 1];
    if (!newest) throw new Error('nobody dialled');
    return newest;
  }
}
