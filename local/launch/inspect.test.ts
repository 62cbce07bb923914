import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { freePorts, runStart, temporaryFolder } from './testing/command.ts';
import { runTool } from './testing/run-tool.ts';

// several processes, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000 });

// biome-ignore lint/suspicious/noExplicitAny: of the inspector's messages only what the test names
type Message = any;

/** A debugger of one process or thread. */
class Debugger {
  readonly #messages: Message[] = [];
  readonly #send: (text: string) => void;
  #lastId = 0;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  receive = (text: string): number => this.#messages.push(JSON.parse(text));

  async command(method: string, params: object = {}): Promise<void> {
    const id = ++this.#lastId;
    this.#send(JSON.stringify({ id, method, params }));
    await this.#first((message) => message.id === id);
  }

  /** The parameters of the first event with this name for which `wanted` holds. */
  async event(method: string, wanted: (params: Message) => boolean = () => true): Promise<Message> {
    return (await this.#first((message) => message.method === method && wanted(message.params))).params;
  }

  #first(wanted: (message: Message) => boolean): Promise<Message> {
    return vi.waitUntil(() => this.#messages.find(wanted), { timeout: 30_000 });
  }
}

/** Attaches to a process, and hands on what its threads send. */
async function attach(port: number, onWorkerMessage: (text: string) => void = () => {}) {
  const [{ webSocketDebuggerUrl }]: Message = await (
    await fetch(`http://127.0.0.1:${port}/json/list`)
  ).json();
  const socket = new WebSocket(webSocketDebuggerUrl);
  await once(socket, 'open');
  const attached = new Debugger((text) => socket.send(text));
  socket.on('message', (data) => {
    attached.receive(data.toString());
    const { method, params }: Message = JSON.parse(data.toString());
    if (method === 'NodeWorker.receivedMessageFromWorker') onWorkerMessage(params.message);
  });
  return { attached, detach: () => socket.close() };
}

test('with --inspect a breakpoint in a cloud function pauses it, and the call then goes on', async () => {
  const data = await temporaryFolder();
  const port = await freePorts(2);
  const args = ['--no-page', '--no-watch', '--port', '0', '--data', data];
  const start = runStart([...args, '--inspect-port', String(port)]);
  await start.ready;
  expect(start.lines.join('\n')).toContain(`云函数：127.0.0.1:${port + 1}`);
  const container = await attach(port);
  await container.attached.command('Runtime.enable');

  const launcher = await attach(port + 1, (text) => worker.receive(text));
  const main = launcher.attached;
  await main.command('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const call = () => runTool('call', ['history', '{"action":"list"}', '--data', data]);
  expect((await call()).code).toBe(0);
  const { sessionId } = await main.event('NodeWorker.attachedToWorker', ({ workerInfo }) =>
    workerInfo.title.includes('function history'),
  );
  const worker = new Debugger((message) => {
    void main.command('NodeWorker.sendMessageToWorker', { sessionId, message });
  });
  await worker.command('Debugger.enable');
  const script = await worker.event('Debugger.scriptParsed', ({ url }) => /history\/index\.js$/.test(url));
  expect(script.sourceMapURL).toMatch(/index\.js\.map$/);
  // a line that each call runs, of functions/shared/define.ts
  const lines = readFileSync(join(data, 'build/functions/history/index.js'), 'utf8').split('\n');
  const lineNumber = lines.findIndex((line) => line.includes('await callerOf(event'));
  await worker.command('Debugger.setBreakpointByUrl', { url: script.url, lineNumber });

  const paused = call();
  await worker.event('Debugger.paused');
  await worker.command('Debugger.resume');
  expect((await paused).code).toBe(0);
  // Node does not let a process exit while a debugger is attached
  container.detach();
  launcher.detach();
  start.process.kill('SIGTERM');
  expect(await start.exited).toBe(0);
});
