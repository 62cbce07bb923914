import type { WebSocket } from 'ws';
import type { Random } from '../../../lib/random.ts';

export interface AttackContext {
  /** `http://host:port` of the service. */
  url: string;
  /** A valid ticket of one of a few users. */
  ticketOf(): Promise<string>;
  random: Random;
}

/** One way to send what no honest client sends. */
export interface Attack {
  name: string;
  /** Yields once for each malformed message, frame or request that the service has dealt with; never ends by itself. */
  run(context: AttackContext): AsyncGenerator<void, never>;
}

/** @returns whether the event came, with what `matches` wants; false: the socket is closed */
const came = (ws: WebSocket, event: string, matches: (data: unknown) => boolean): Promise<boolean> =>
  new Promise((resolve) => {
    const settle = (result: boolean): void => {
      ws.off(event, heard);
      ws.off('close', closed);
      resolve(result);
    };
    const heard = (data: unknown): void => {
      if (matches(data)) settle(true);
    };
    const closed = (): void => settle(false);
    ws.on(event, heard);
    ws.on('close', closed);
  });

export const answered = (ws: WebSocket, event: 'open' | 'pong'): Promise<boolean> =>
  came(ws, event, () => true);

/** A message that the service says. */
export const said = (ws: WebSocket, pattern: RegExp): Promise<boolean> =>
  came(ws, 'message', (data) => pattern.test(String(data)));

/** At the same time, each with its own random numbers. */
const WORKERS = 8;

/** Sends so many of them. @returns when the service has dealt with the last one */
export async function attack({ run }: Attack, count: number, context: AttackContext): Promise<void> {
  let left = count;
  const worker = async (number: number): Promise<void> => {
    const steps = run({ ...context, random: context.random.fork(String(number)) });
    while (left > 0) {
      left -= 1;
      await steps.next();
    }
    await steps.return(undefined as never);
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, number) => worker(number)));
}
