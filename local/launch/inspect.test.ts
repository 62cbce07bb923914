import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { runTool } from '../../tools/testing/run-tool.ts';
import { runStart, temporaryFolder } from './testing/command.ts';

// several processes, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000 });

interface Message {
  id?: number;
  method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: of the inspector's protocol only what the test names
  params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: of the inspector's protocol only what the test names
  result?: any;
}

/** A debugger: sends commands, and waits for their answers and for events. */
class Debugger {
  readonly #messages: Message[] = [];
  readonly #send: (text: string) => void;
  #lastId = 0;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  receive(text: string): void {
    const message = JSON.parse(text) as Message;
    this.#messages.push(message);
    if (message.method === 'NodeWorker.receivedMessageFromWorker')
      this.onWorkerMessage(message.params.message);
  }

  onWorkerMessage = (_text: string): void => {};

  async command(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    this.#send(JSON.stringify({ id, method, params }));
    return (await this.#first((message) => message.id === id)).result;
  }

  /** The parameters of the first event with this name for which `wanted` holds. */
  async event(method: string, wanted: (params: Message['params']) => boolean = () => true) {
    return (await this.#first((one) => one.method === method && wanted(one.params))).params;
  }

  #first(wanted: (message: Message) => boolean): Promise<Message> {
    return vi.waitFor(
      () => {
        const found = this.#messages.find(wanted);
        if (!found) throw new Error('the message has not come');
        return found;
      },
      { timeout: 30_000 },
    );
  }
}

/** @returns the debugger, and what detaches it */
async function attach(port: number): Promise<[Debugger, () => void]> {
  const [{ webSocketDebuggerUrl }] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
    { webSocketDebuggerUrl: string },
  ];
  const socket = new WebSocket(webSocketDebuggerUrl);
  await once(socket, 'open');
  const attached = new Debugger((text) => socket.send(text));
  socket.on('message', (data) => attached.receive(data.toString()));
  return [attached, () => socket.close()];
}

/** The debugger of an instance of a function, reached through that of the process whose thread it is. */
async function attachToFunction(main: Debugger, name: string): Promise<Debugger> {
  const { sessionId } = await main.event('NodeWorker.attachedToWorker', ({ workerInfo }) =>
    workerInfo.title.includes(`function ${name}`),
  );
  const worker = new Debugger((message) => {
    void main.command('NodeWorker.sendMessageToWorker', { sessionId, message });
  });
  main.onWorkerMessage = (text) => worker.receive(text);
  return worker;
}

/** A port of which the two after it are probably free too. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

test('with --inspect a breakpoint in a cloud function pauses it, and the call then goes on', async () => {
  const data = await temporaryFolder();
  const port = await freePort();
  const args = ['--no-page', '--no-watch', '--port', '0', '--data', data];
  const start = runStart([...args, '--inspect-port', String(port)]);
  await start.ready;
  expect(start.lines.join('\n')).toContain(`云函数：127.0.0.1:${port + 1}`);
  const [container, detachContainer] = await attach(port);
  await container.command('Runtime.enable');

  const [main, detachMain] = await attach(port + 1);
  await main.command('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const call = () => runTool('call', ['history', '{"action":"list"}', '--data', data]);
  expect((await call()).code).toBe(0);
  const worker = await attachToFunction(main, 'history');
  await worker.command('Debugger.enable');
  const script = await worker.event('Debugger.scriptParsed', ({ url }) => /history\/index\.js$/.test(url));
  expect(script.sourceMapURL).toMatch(/index\.js\.map$/);
  const lines = readFileSync(join(data, 'build/functions/history/index.js'), 'utf8').split('\n');
  // the line that begins the function's `main` in functions/shared/define.ts
  const lineNumber = lines.findIndex((line) => line.includes('await callerOf(event'));
  expect(lineNumber).toBeGreaterThan(0);
  await worker.command('Debugger.setBreakpointByUrl', { url: script.url, lineNumber });

  const paused = call();
  await worker.event('Debugger.paused');
  await worker.command('Debugger.resume');
  expect((await paused).code).toBe(0);
  // Node does not let a process exit while a debugger is attached
  detachContainer();
  detachMain();
  start.process.kill('SIGTERM');
  expect(await start.exited).toBe(0);
});
