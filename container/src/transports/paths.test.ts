import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ECHO_PATH, HTTP_API_PATHS, STREAM_PATHS } from '../../../contract/paths.ts';
import { NATIVE_CLIENTS } from '../../testing/clients/native.ts';
import { SOCKET_IO_CLIENTS } from '../../testing/clients/socketio.ts';
import { upgradeRefusal } from '../../testing/clients/upgrade-refusal.ts';
import { startContainer, stopProcess } from '../../testing/local-service.ts';
import { requestJson } from '../../testing/request-json.ts';
import { useService } from '../../testing/service-suite.ts';

const suite = useService({ DRAIN_MS: '500' });

function open(path: string): WebSocket {
  const ws = new WebSocket(`${suite.service.url.replace('http', 'ws')}${path}`);
  ws.on('error', () => {});
  onTestFinished(() => ws.terminate());
  return ws;
}

const refusal = (path: string) => upgradeRefusal(`${suite.service.url.replace('http', 'ws')}${path}`);

const answerOf = (path: string, method?: string) => requestJson(suite.service.url + path, method);

describe('a wrong path', () => {
  it.each(['/', '/nowhere', '/socket.iox', '/socket.io/x', '/ws/', '/api/realtime-voice', '/health'])(
    '%s is refused at the upgrade, and told the right ones',
    async (path) => {
      const { status, body } = await refusal(path);
      expect(status).toBe(404);
      const right = [...STREAM_PATHS, '/socket.io/', ECHO_PATH, '/health', '/ready'];
      expect(body).toMatchObject({ error: { code: 'NOT_FOUND', retriable: false, paths: right } });
      const { message } = (body as { error: { message: string } }).error;
      for (const one of right) expect(message).toContain(one);
    },
  );

  it('of a plain request is answered with the same', async () => {
    expect(await answerOf('/nowhere')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  it.each(HTTP_API_PATHS.flatMap((path) => [['GET', path] as const, ['POST', path] as const]))(
    '%s %s says that the cloud functions answer it',
    async (method, path) => {
      const { status, body } = await answerOf(path, method);
      expect(status).toBe(404);
      const error = { code: 'NOT_FOUND', message: expect.stringContaining('云函数') };
      expect(body).toMatchObject({ error });
      expect(await refusal(path)).toMatchObject({ status: 404, body: { error } });
    },
  );

  it.each([...STREAM_PATHS, ECHO_PATH])('%s without an upgrade: 426', async (path) => {
    expect(await answerOf(path)).toMatchObject({ status: 426, body: { error: { code: 'USE_WEBSOCKET' } } });
  });

  it.each([
    ['EIO=4&transport=polling', 'USE_WEBSOCKET'],
    ['', 'USE_WEBSOCKET'],
    ['EIO=5&transport=websocket', 'BAD_REQUEST'],
  ])('Socket.IO with "%s" is refused at the upgrade with %s', async (query, code) => {
    expect(await refusal(`/socket.io/?${query}`)).toMatchObject({ status: 400, body: { code } });
  });
});

describe('Socket.IO’s path', () => {
  it.each([
    ['/', '/'],
    ['/voice/socket', '/voice/socket/'],
  ])('may be %s, and every other path stays what it is', async (path, given) => {
    const { containerEnv } = suite.service.gateway;
    const env = { ...containerEnv(), ASR_ENDPOINT: suite.service.asr.url.replace('http', 'ws') };
    const { container, url } = await startContainer({ ...env, SOCKETIO_PATH: path }, []);
    onTestFinished(async () => void (await stopProcess(container)));
    const ticket = await suite.service.ticket();
    for (const client of SOCKET_IO_CLIENTS) {
      const connection = await client.connect(url, { ticket, path: given });
      expect(await connection.ask('stop')).toMatchObject({ error: { code: 'NOT_STARTED' } });
      connection.close();
      await expect(client.connect(url, { ticket, path: '/socket.io/' })).rejects.toThrow();
    }
    for (const client of NATIVE_CLIENTS) (await client.connect(url, { ticket })).close();
    expect((await requestJson(`${url}/health`)).status).toBe(200);
    expect((await requestJson(`${url}/nowhere`)).status).toBe(404);
  });
});

describe('the echo', () => {
  const echo = async () => {
    const ws = open(ECHO_PATH);
    await once(ws, 'open');
    return ws;
  };

  it('gives text and bytes back as they came, without a ticket', async () => {
    const ws = await echo();
    for (const message of ['你好', Buffer.from([0, 1, 255]), 'x'.repeat(4_096), '']) {
      ws.send(message);
      const [data, isBinary] = (await once(ws, 'message')) as [Buffer, boolean];
      expect(isBinary).toBe(typeof message !== 'string');
      expect(data).toEqual(Buffer.from(message));
    }
  });

  it('closes on a message of more than 4 KB', async () => {
    const ws = await echo();
    ws.send('x'.repeat(4_097));
    expect((await once(ws, 'close'))[0]).toBe(1009);
  });

  it('closes on more than five messages a second', async () => {
    const ws = await echo();
    let answers = 0;
    ws.on('message', () => answers++);
    for (let i = 0; i < 20; i++) ws.send('x');
    expect((await once(ws, 'close'))[0]).toBe(1008);
    expect(answers).toBeGreaterThanOrEqual(5);
    expect(answers).toBeLessThan(8);
  });
});
