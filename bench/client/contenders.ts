import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleClient } from '../../compile/client.ts';
import { loadInMiniProgram } from '../../container/testing/clients/weapp.ts';
import type { CloudBaseSocketIOClient } from '../../miniprogram/client/cloudbase-socketio-client.ts';
import { Wire, WireWebSocket, wireTask } from './wire.ts';

/** The methods that all clients have. */
export interface Client {
  on(event: string, fn: () => void): unknown;
  off(event: string, fn: () => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}
export interface Contender {
  wire: Wire;
  client: Client;
}

const connected = (client: Client): Promise<void> =>
  new Promise((resolve) => void client.on('connect', resolve));

/** The file that people copy. @param folder for what is built */
async function ours(folder: string): Promise<Contender> {
  const file = join(folder, 'ours.cjs');
  await writeFile(file, await bundleClient());
  const Client: typeof CloudBaseSocketIOClient = createRequire(import.meta.url)(file);
  const wire = new Wire();
  const client = new Client({ service: 'bench', platform: null, dial: () => wireTask(wire) });
  await client.connect();
  return { wire, client };
}

/** The browser build of socket.io-client. */
async function official(folder: string): Promise<Contender> {
  const file = join(folder, 'official.mjs');
  await build({
    stdin: { contents: "export { io } from 'socket.io-client'", resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    outfile: file,
    logLevel: 'error',
  });
  const wire = new Wire();
  WireWebSocket.wire = wire;
  Object.assign(globalThis, { WebSocket: WireWebSocket });
  const { io } = await import(file);
  const client = io('ws://bench', { transports: ['websocket'] });
  await connected(client);
  return { wire, client };
}

/** The published file of weapp.socket.io, as a mini-program loads it. */
async function weapp(): Promise<Contender> {
  const wire = new Wire();
  const io = loadInMiniProgram('weapp.socket.io', { connectSocket: () => wireTask(wire) });
  const client = io('ws://bench', { transports: ['websocket'] }) as unknown as Client;
  await connected(client);
  return { wire, client };
}

/** No client: sends two frames that were made before and calls back, so that what remains is what the measurement itself costs. */
function none(): Contender {
  const wire = new Wire();
  const waiting: unknown[] = [];
  let listener = (): void => {};
  wire.deliver = (frame) => {
    if (typeof frame !== 'string') listener();
    else if (frame.startsWith('43')) (waiting.pop() as () => void)();
  };
  const client: Client = {
    on(_, fn) {
      listener = fn;
    },
    off() {},
    emit(_event, _position, frame, onAnswer) {
      wire.send('451-["audio",1280,{"_placeholder":true,"num":0}]');
      wire.send(frame);
      if (onAnswer) waiting.push(onAnswer);
    },
  };
  return { wire, client };
}

export type Name = 'ours' | 'official' | 'weapp' | 'none';

/** All of them, connected. @param folder for what is built */
export async function contenders(folder: string): Promise<Record<Name, Contender>> {
  return { ours: await ours(folder), official: await official(folder), weapp: await weapp(), none: none() };
}
