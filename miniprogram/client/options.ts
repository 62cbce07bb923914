import { type Clock, systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import type { ContainerCloud, Dial } from './dialers/dial.ts';
import { connectContainer } from './dialers/wx-dialers.ts';
import { type Platform, wxPlatform } from './platform.ts';

/** One line of the packet log. */
export type Logger = (line: string) => void;

/** What one transport is made from; names and defaults are socket.io-client's where it has them. */
export interface ConnectionOptions {
  /** Name of the container service; or, for dialers that are made without an address, the server's: `wss://host`. */
  service: string;
  /** CloudBase environment; sent only when given. */
  env?: string | undefined;
  /** Instance of `wx.cloud.Cloud`, initialised, for the environment of another account. Default `wx.cloud`. */
  cloud?: ContainerCloud | undefined;
  /** Path of the Socket.IO server. Default `/socket.io/`. */
  path: string;
  /** Added to the address; do not put secrets here, they end up in access logs. */
  query: Record<string, string | number | boolean>;
  /** HTTP headers of the handshake. */
  header: Record<string, string>;
  /** Opens the socket. Default `wx.cloud.connectContainer`. */
  dial: Dial;
  /** Connect again after a loss. Default true. */
  reconnection: boolean;
  /** Attempts before `reconnect_failed`. Default Infinity. */
  reconnectionAttempts: number;
  /** First wait, ms. Default 1000; doubled at every attempt. */
  reconnectionDelay: number;
  /** Longest wait, ms. Default 5000. */
  reconnectionDelayMax: number;
  /** 0…1: how much each wait is moved at random. Default 0.5. */
  randomizationFactor: number;
  /** Ms from the dial to the handshake; false: as long as it takes. Default 20000. */
  timeout: number | false;
  /** Events kept for later, per namespace and direction; beyond it the oldest is dropped, with the event `drop`. Default 1000. */
  maxBuffered: number;
  /** Log every packet; binary as lengths, secrets hidden. Default false. */
  debug: boolean;
  /** Takes the log. Default `console.log`. */
  logger: Logger;
  /** App and network life cycle; null: none. Default: `wx`. */
  platform: Platform | null;
  /** Time and timers, for tests. Default: those of the runtime. */
  clock: Clock;
  /** 0 ≤ x < 1, for the waits. Default `Math.random`. */
  random: () => number;
}

declare const console: { log(line: string): void };

/** An option that is given as undefined counts as not given; `debug` is off. */
export const DEFAULTS = {
  path: '/socket.io/',
  query: {},
  header: {},
  dial: connectContainer,
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5,
  timeout: 20_000,
  maxBuffered: 1000,
  logger: (line: string) => console.log(line),
  platform: wxPlatform,
  clock: systemClock,
  random: systemRandom,
};

/** Path and query of the handshake (Engine.IO v4, WebSocket alone). */
export function addressOf({ path, query }: ConnectionOptions): string {
  const encode = encodeURIComponent;
  let address = path.replace(/\/?$/, '/?');
  for (const name of Object.keys(query)) address += `${encode(name)}=${encode(query[name] as string)}&`;
  return `${address}EIO=4&transport=websocket`;
}
