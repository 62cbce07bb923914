import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { MINI_PROGRAM_CLIENT } from '../testing/clients/mini-program.ts';
import { NATIVE_CLIENTS } from '../testing/clients/native.ts';
import { SOCKET_IO_CLIENTS } from '../testing/clients/socketio.ts';
import { Talk } from '../testing/clients/talk.ts';
import type { ConnectOptions, VoiceClient } from '../testing/clients/types.ts';
import { upgradeRefusal } from '../testing/clients/upgrade-refusal.ts';
import { COFFEE } from '../testing/contract/context.ts';
import { documentedFiles, type Nginx, nginxForTests, startNginx } from '../testing/nginx.ts';
import { useService } from '../testing/service-suite.ts';
import { uniqueId } from '../testing/voice-client.ts';

const binary = nginxForTests();
// The header of a proxy is believed here, so that it shows whether nginx lets a stranger's through.
const suite = useService({ DRAIN_MS: '500', TRUST_WX_HEADERS: '1' });

const SOCKET_IO = [...SOCKET_IO_CLIENTS, MINI_PROGRAM_CLIENT];
/** Each documented server: the scheme, who gets through it, and with which paths. */
const SERVERS: [file: string, scheme: 'http' | 'https', clients: VoiceClient[], options: ConnectOptions][] = [
  ['conf.d/voice-default.conf', 'http', [...SOCKET_IO, ...NATIVE_CLIENTS], {}],
  [
    'conf.d/voice-prefix.conf',
    'http',
    [...SOCKET_IO, ...NATIVE_CLIENTS],
    { path: '/voice/socket.io/', streamPath: '/voice/ws' },
  ],
  ['conf.d/voice-native.conf', 'http', [...NATIVE_CLIENTS], {}],
  ['conf.d/voice-tls.conf', 'https', [...SOCKET_IO_CLIENTS, ...NATIVE_CLIENTS], { selfSigned: true }],
];

const openid = (): string => `o${uniqueId()}`;

/** Streams a recording; the first text must come while it is still being said. */
async function transcribe(client: VoiceClient, url: string, options: ConnectOptions): Promise<string> {
  const ticket = await suite.service.ticket(openid());
  const talk = new Talk(await client.connect(url, { ticket, ...options }));
  try {
    await talk.start();
    talk.send(COFFEE);
    await talk.said('result', ({ final }) => final === false);
    await talk.stop(COFFEE.endPos);
    return talk.text;
  } finally {
    talk.connection.close();
  }
}

it('every file of the documentation is run here', () => {
  const servers = [...documentedFiles().keys()].filter((file) => file !== 'conf.d/voice-common.conf');
  expect(servers.toSorted()).toEqual(
    [...SERVERS.map(([file]) => file), 'snippets/voice-proxy.conf'].toSorted(),
  );
});

describe.skipIf(binary === undefined)('behind nginx', () => {
  const start = async (server: string, edit?: (text: string, file: string) => string): Promise<Nginx> => {
    const nginx = await startNginx({
      binary: binary as string,
      upstreamPort: Number(new URL(suite.service.url).port),
      server,
      ...(edit && { edit }),
    });
    onTestFinished(nginx.stop);
    return nginx;
  };

  it.each(SERVERS)(
    '%s: a recording becomes its text with every client',
    async (file, scheme, clients, options) => {
      const nginx = await start(file);
      const url = `${scheme}://127.0.0.1:${nginx.port}`;
      const texts = await Promise.all(clients.map((client) => transcribe(client, url, options)));
      expect(texts).toEqual(clients.map(() => COFFEE.text));
      expect(nginx.accessLog()).not.toContain('ticket');
    },
  );

  it('nobody passes for another with WeChat’s headers', async () => {
    const nginx = await start('conf.d/voice-default.conf');
    const headers = { 'x-wx-openid': 'oVictim', 'x-wx-source': 'wx_client' };
    const startBy = async (port: number): Promise<unknown> => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
      onTestFinished(() => ws.terminate());
      await once(ws, 'open');
      ws.send(
        JSON.stringify({ event: 'start', id: 1, data: { sessionId: uniqueId(), clientId: 'client-0001' } }),
      );
      return JSON.parse(String((await once(ws, 'message'))[0])).data;
    };
    expect(await startBy(Number(new URL(suite.service.url).port))).toMatchObject({ state: 'live' });
    expect(await startBy(nginx.port)).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it('that does not forward the upgrade, the answer says so', async () => {
    const nginx = await start('conf.d/voice-default.conf', (text) =>
      text.replaceAll(/^proxy_set_header (?:Upgrade|Connection) .*$/gm, ''),
    );
    const refusal = (path: string) => upgradeRefusal(`ws://127.0.0.1:${nginx.port}${path}`);
    expect(await refusal('/ws')).toMatchObject({
      status: 426,
      body: { error: { code: 'USE_WEBSOCKET', message: expect.stringContaining('请让代理转发 Upgrade 头') } },
    });
    expect(await refusal('/socket.io/?EIO=4&transport=websocket')).toMatchObject({
      status: 400,
      body: { code: 'USE_WEBSOCKET' },
    });
  });

  it('that leaves the prefix in the path, the answer names the right paths', async () => {
    const nginx = await start('conf.d/voice-prefix.conf', (text) =>
      text.replace('proxy_pass http://voice/;', 'proxy_pass http://voice;'),
    );
    expect(await upgradeRefusal(`ws://127.0.0.1:${nginx.port}/voice/ws`)).toMatchObject({
      status: 404,
      body: { error: { paths: expect.arrayContaining(['/ws']) } },
    });
  });

  // Without FULL it is not declared: forty seconds in which nothing happens.
  if (process.env.FULL)
    it('a session in which nobody speaks stays connected beyond the read timeout: the container pings', async () => {
      const nginx = await start('conf.d/voice-default.conf', (text) =>
        text.replace('proxy_read_timeout 75s', 'proxy_read_timeout 15s'),
      );
      const url = `http://127.0.0.1:${nginx.port}`;
      const talks = await Promise.all(
        [...SOCKET_IO, ...NATIVE_CLIENTS].map(
          async (client) =>
            new Talk(await client.connect(url, { ticket: await suite.service.ticket(openid()) })),
        ),
      );
      await Promise.all(talks.map((talk) => talk.start()));
      await new Promise((resolve) => setTimeout(resolve, 40_000));
      expect(talks.map(({ isClosed }) => isClosed)).toEqual(talks.map(() => false));
      for (const talk of talks) expect(await talk.ask('cancel')).toEqual({ ok: true });
      for (const { connection } of talks) connection.close();
    }, 90_000);
});
