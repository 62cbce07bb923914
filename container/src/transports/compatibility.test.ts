import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { compatibilityTable } from '../../testing/clients/compatibility.ts';
import { MINI_PROGRAM_CLIENT } from '../../testing/clients/mini-program.ts';
import { NATIVE_CLIENTS } from '../../testing/clients/native.ts';
import { SOCKET_IO_CLIENTS } from '../../testing/clients/socketio.ts';
import { WEAPP_CLIENTS } from '../../testing/clients/weapp.ts';
import { startContainer, stopProcess } from '../../testing/local-service.ts';
import { useService } from '../../testing/service-suite.ts';

const DOC = 'docs/protocol.md';
const TABLE = /(<!-- compatibility: npm run docs:clients -->\n)(.*?)(\n<!-- \/compatibility -->)/s;
const CLIENTS = [MINI_PROGRAM_CLIENT, ...SOCKET_IO_CLIENTS, ...WEAPP_CLIENTS, ...NATIVE_CLIENTS];

const suite = useService({ DRAIN_MS: '500', DB_WRITES_PER_SECOND: '200' });

it('the table of the documentation is what each client does; `npm run docs:clients` writes it', async () => {
  const env = {
    ...suite.service.gateway.containerEnv(),
    ASR_ENDPOINT: suite.service.asr.url.replace('http', 'ws'),
    SOCKETIO_PATH: '/',
  };
  const atRoot = await startContainer(env, []);
  onTestFinished(async () => void (await stopProcess(atRoot.container)));
  const table = await compatibilityTable(CLIENTS, {
    url: suite.service.url,
    rootUrl: atRoot.url,
    ticketOf: suite.service.ticket,
  });
  const doc = readFileSync(DOC, 'utf8');
  if (process.env.UPDATE_DOCS === '1') writeFileSync(DOC, doc.replace(TABLE, `$1${table}$3`));
  else expect(TABLE.exec(doc)?.[2]).toBe(table);
}, 120_000);
