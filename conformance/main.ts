/** Runs the cases against a server at a URL, or against a client by its adapter. */
import { exec } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type CommandSpec, readCommandLine, UsageError, usageOf } from '../lib/command-line.ts';
import { type Speech, speechOf } from './audio.ts';
import type { CaseInfo, CaseResult } from './case.ts';
import type { ClientAdapter } from './client-cases/adapter.ts';
import { prepareClientCase } from './client-cases/context.ts';
import { CLIENT_CASES } from './client-cases/index.ts';
import { linesOf, summaryLine, summaryOf } from './report.ts';
import { type RunOptions, runCases, selectCases } from './run.ts';
import { SERVER_CASES } from './server-cases/index.ts';
import { givenBy, prepareServerCase, type ServerUnderTest } from './server-context.ts';
import { commandTickets, fixedTicket, signedTickets, type TicketSource } from './tickets.ts';

/** With one ticket everything counts against the limits of one user. */
const ONE_USER_CONCURRENCY = 2;
const CONCURRENCY = 8;

const SPEC = {
  command: 'realtime-voice-conformance',
  summary: '对一个服务（--url）或一个客户端（--client）运行流式协议的用例；退出码 0：都通过',
  options: {
    url: { type: 'string', value: 'URL', help: '服务的地址，http(s):// 或 ws(s)://' },
    client: { type: 'string', value: 'FILE', help: '客户端的适配器：默认导出 ClientAdapter 的模块' },
    transport: { type: 'string', value: 'T', help: 'socketio 或 native，默认 socketio', default: 'socketio' },
    path: { type: 'string', value: 'PATH', help: '传输的路径，如果不是默认的' },
    ticket: { type: 'string', value: 'T', help: '一张票据；只有一个用户，许多用例不适用' },
    'ticket-command': { type: 'string', value: 'CMD', help: '打印票据的命令；其中的 {user} 换成用户' },
    audio: { type: 'string', value: 'FILE', help: 'WAV，16 kHz 单声道：有语音的用例用它' },
    text: { type: 'string', value: 'TEXT', help: '它应当识别成的文字（不计标点）；省略就只比较各次是否相同' },
    'restart-command': { type: 'string', value: 'CMD', help: '换掉服务实例、新的就绪后才结束的命令' },
    only: { type: 'list', value: 'ID,…', help: '只运行这些要求的用例，如 R-START 或 R-START-3' },
    required: { type: 'boolean', help: '只运行「必须」的用例' },
    concurrency: { type: 'number', value: 'N', help: '同时运行几个用例', min: 1, max: 50 },
    list: { type: 'boolean', help: '只列出用例' },
    json: { type: 'boolean', help: '最后一行是全部结果的 JSON' },
  },
  examples: [
    'TICKET_SECRET=… realtime-voice-conformance --url http://127.0.0.1:3000 --audio coffee.wav --text 我想喝一杯热咖啡。',
    'realtime-voice-conformance --url ws://127.0.0.1:3100 --transport native --required',
  ],
} as const satisfies CommandSpec;

type Values = Exclude<ReturnType<typeof read>, 'help'>['values'];
const read = (line: readonly string[]) => readCommandLine(SPEC, line);

function ticketsOf(values: Values): TicketSource {
  const secret = process.env.TICKET_SECRET;
  if (values.ticket !== undefined) return fixedTicket(values.ticket);
  if (values['ticket-command'] !== undefined) return commandTickets(values['ticket-command']);
  if (secret) return signedTickets(secret);
  throw new UsageError('需要 --ticket、--ticket-command 或环境变量 TICKET_SECRET');
}

async function recordingOf({ audio, text }: Values): Promise<Speech | undefined> {
  return audio === undefined ? undefined : speechOf(await readFile(audio), text);
}

async function serverOf(url: string, values: Values): Promise<ServerUnderTest> {
  const { transport, path, 'restart-command': restart } = values;
  if (transport !== 'socketio' && transport !== 'native')
    throw new UsageError('--transport 是 socketio 或 native');
  return {
    url: url.replace(/^ws/, 'http'),
    transport,
    path,
    tickets: ticketsOf(values),
    speech: await recordingOf(values),
    restart: restart === undefined ? undefined : async () => void (await promisify(exec)(restart)),
  };
}

async function adapterOf(file: string): Promise<ClientAdapter> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { default?: ClientAdapter };
  if (typeof module.default?.createClient !== 'function')
    throw new UsageError(`${file} 没有默认导出 ClientAdapter`);
  return module.default;
}

const print = (result: CaseResult, done: number, all: number): void => {
  for (const [i, line] of linesOf(result).entries()) console.log(i === 0 ? `[${done}/${all}] ${line}` : line);
};

const printList = (cases: readonly CaseInfo[]): void => {
  for (const { ids, level, name } of cases) console.log(`${ids.join(' ')} ${level}: ${name}`);
};

async function run(values: Values): Promise<readonly CaseResult[]> {
  const { url, client, only, required: requiredOnly } = values;
  if ((url === undefined) === (client === undefined))
    throw new UsageError('需要 --url 或 --client，两者之一');
  const selection = { only, requiredOnly };
  const options = (concurrency: number): Pick<RunOptions, 'concurrency' | 'finished'> => ({
    concurrency: values.concurrency ?? concurrency,
    finished: print,
  });
  if (client !== undefined) {
    const adapter = await adapterOf(client);
    const has = new Set([adapter.transport]);
    const cases = selectCases(CLIENT_CASES, selection);
    return runCases(cases, (one) => prepareClientCase(adapter, one), { ...options(CONCURRENCY), has });
  }
  const server = await serverOf(String(url), values);
  const many = server.tickets.manyUsers ? CONCURRENCY : ONE_USER_CONCURRENCY;
  const cases = selectCases(SERVER_CASES, selection);
  return runCases(cases, () => prepareServerCase(server), { ...options(many), has: givenBy(server) });
}

try {
  const line = read(process.argv.slice(2));
  if (line === 'help') console.log(usageOf(SPEC));
  else if (line.values.list)
    printList(
      selectCases<CaseInfo>([...SERVER_CASES, ...CLIENT_CASES], {
        only: line.values.only,
        requiredOnly: line.values.required,
      }),
    );
  else {
    const results = await run(line.values);
    const summary = summaryOf(results);
    console.log(summaryLine(summary));
    if (line.values.json) console.log(JSON.stringify({ summary, results }));
    process.exitCode = summary.fail > 0 ? 1 : 0;
    // A client that was given up may go on dialling.
    if (line.values.client !== undefined) setTimeout(() => process.exit(), 500).unref();
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  console.error(usageOf(SPEC));
  process.exitCode = 2;
}
