import { randomUUID } from 'node:crypto';
import { signTicket } from '../../../contract/ticket.ts';
import { systemClock } from '../../../lib/clock.ts';
import { UsageError } from '../../../lib/command-line.ts';
import { type RunningCloud, readRunning } from '../../../local/launch/running-file.ts';
import { ticketKeys } from '../../running.ts';
import type { Sign, Target } from './target.ts';

/** Whose records the checks make: a user of each run, so that nobody's statistics change and all of it can be deleted. */
const newOpenid = (): string => `oDoctor-${randomUUID()}`;

interface Given {
  ticket: string | undefined;
  secret: string | undefined;
  functions: string | undefined;
  path: string;
  /** Seconds. */
  idle: number;
  data: string;
}

/** @throws UsageError */
function addressOf(text: string, what: string): string {
  if (!/^https?:\/\/[^/\s]+/.test(text) || !URL.canParse(text))
    throw new UsageError(`${what}应以 http:// 或 https:// 开头`);
  return text.replace(/\/+$/, '');
}

const isLocal = (url: string, running: RunningCloud): boolean =>
  [running.url, running.container].includes(url.replace('//localhost', '//127.0.0.1'));

/**
 * What is to be examined. Without a ticket or a secret, the local cloud that runs at the address signs its own.
 * @throws UsageError, ToolError
 */
export async function targetOf(url: string, given: Given): Promise<Target> {
  const { ticket, secret, functions, idle, data, path } = given;
  if (!path.startsWith('/')) throw new UsageError('--path 应以 / 开头');
  const address = addressOf(url, 'URL ');
  const running = readRunning(data);
  const keys =
    secret !== undefined || (ticket === undefined && running && isLocal(address, running))
      ? ticketKeys(secret, data)
      : undefined;
  const openid = newOpenid();
  const sign: Sign | undefined =
    keys && (async (options = {}) => (await signTicket(openid, keys, options)).ticket);
  return {
    clock: systemClock,
    url: address,
    socketIoPath: path.endsWith('/') ? path : `${path}/`,
    functionsUrl: functions === undefined ? address : addressOf(functions, '--functions '),
    sign,
    ticket: ticket ?? (await sign?.()),
    idleMs: idle * 1_000,
    isThere: false,
    container: undefined,
    functionsBuild: undefined,
    isTicketAccepted: false,
    hasFunctions: false,
    clockOffsetMs: undefined,
    handshake: undefined,
    sessions: [],
    streamed: undefined,
    before: undefined,
  };
}
