import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { compatibilityTable, type Language, tryClients } from '../../testing/clients/compatibility.ts';
import { MINI_PROGRAM_CLIENT } from '../../testing/clients/mini-program.ts';
import { NATIVE_CLIENTS } from '../../testing/clients/native.ts';
import { SOCKET_IO_CLIENTS } from '../../testing/clients/socketio.ts';
import { WEAPP_CLIENTS } from '../../testing/clients/weapp.ts';
import { startContainer, stopProcess } from '../../testing/local-service.ts';
import { useService } from '../../testing/service-suite.ts';

const DOCS: Record<Language, string> = { zh: 'docs/protocol.md', en: 'docs/en/protocol.md' };
const TABLE = /(?<=<!-- compatibility: npm run docs:clients -->\n).*?(?=<!-- \/compatibility -->)/s;
const CLIENTS = [MINI_PROGRAM_CLIENT, ...SOCKET_IO_CLIENTS, ...WEAPP_CLIENTS, ...NATIVE_CLIENTS];

const suite = useService({ DRAIN_MS: '500', DB_WRITES_PER_SECOND: '200' });

it('the tables of the documentation are what each client does; `npm run docs:clients` writes them', async () => {
  const env = {
    ...suite.service.gateway.containerEnv(),
    ASR_ENDPOINT: suite.service.asr.url.replace('http', 'ws'),
    SOCKETIO_PATH: '/',
  };
  const atRoot = await startContainer(env, []);
  onTestFinished(async () => void (await stopProcess(atRoot.container)));
  const results = await tryClients(CLIENTS, {
    url: suite.service.url,
    rootUrl: atRoot.url,
    ticketOf: suite.service.ticket,
  });
  for (const [language, file] of Object.entries(DOCS) as [Language, string][]) {
    const table = `${compatibilityTable(results, language)}\n`;
    const doc = readFileSync(file, 'utf8');
    if (process.env.UPDATE_DOCS === '1')
      writeFileSync(
        file,
        doc.replace(TABLE, () => table),
      );
    else expect(TABLE.exec(doc)?.[0], file).toBe(table);
  }
}, 120_000);
