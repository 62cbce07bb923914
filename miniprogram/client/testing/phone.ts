import { FakeClock } from '../../../lib/fake-clock.ts';
import { type ClientOptions, CloudBaseSocketIOClient } from '../cloudbase-socketio-client.ts';
import type { PlatformEvents } from '../platform.ts';
import { ScriptedServer, type ScriptedTask } from './scripted-server.ts';

/** A client with everything around it in the hands of the test. */
export class Phone {
  readonly clock = new FakeClock();
  /** What the client's `random` answers; 0.5 is the middle: no jitter. */
  chance = 0.5;
  readonly server = new ScriptedServer();
  readonly client: CloudBaseSocketIOClient;
  /** Events that the library emitted, as `name` or `name detail`, oldest first. */
  readonly emitted: string[] = [];
  /** Set while the client watches the phone. */
  events: PlatformEvents | undefined;

  constructor(options: ClientOptions = {}) {
    this.client = new CloudBaseSocketIOClient({
      service: 'echo',
      dial: this.server.dial,
      clock: this.clock,
      random: () => this.chance,
      platform: (events) => {
        this.events = events;
        return () => {
          this.events = undefined;
        };
      },
      ...options,
    });
    const names = [
      'connect',
      'connect_error',
      'disconnect',
      'reconnect_attempt',
      'reconnect',
      'reconnect_error',
      'reconnect_failed',
      'close',
    ] as const;
    for (const name of names)
      this.client.onInternal(name, (detail?: unknown) => {
        const text = detail instanceof Error ? detail.message : detail;
        this.emitted.push(text === undefined ? name : `${name} ${text}`);
      });
  }

  /** Connects and answers. @returns the socket, with what was sent so far taken */
  async online(pid?: string): Promise<ScriptedTask> {
    this.client.open();
    const task = await this.server.task();
    task.handshake();
    task.welcome(this.client.nsp, 'socket', pid);
    task.take();
    this.emitted.length = 0;
    return task;
  }
}
