import { isRefusal } from '../../../contract/stream.ts';
import { tone } from '../audio.ts';
import { uniqueId } from '../voice-client.ts';
import type { ConnectOptions, VoiceClient, VoiceConnection } from './types.ts';

/** What is tried; a client that cannot do it loses its answer, so nothing is waited for longer. */
const ANSWER_WITHIN_MS = 5_000;

export interface Services {
  /** With Socket.IO at its default path. */
  url: string;
  /** With Socket.IO at `/`. */
  rootUrl: string;
  ticketOf(openid: string): Promise<string>;
}

type Attempt = (client: VoiceClient, services: Services) => Promise<boolean>;

/** @returns undefined: the connection is closed, or nothing comes */
async function ask(
  connection: VoiceConnection,
  event: string,
  payload?: object,
): Promise<object | undefined> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return (await Promise.race([
    connection.ask(event, payload),
    connection.closed,
    new Promise((resolve) => late.addEventListener('abort', () => resolve(undefined))),
  ])) as object | undefined;
}

async function withConnection(
  client: VoiceClient,
  { url, ticketOf }: Services,
  options: ConnectOptions,
  use: (connection: VoiceConnection) => Promise<boolean>,
): Promise<boolean> {
  let connection: VoiceConnection | undefined;
  try {
    const ticket = await ticketOf(`o${uniqueId()}`);
    connection = await client.connect(url, { ticket, ...options });
    return await use(connection);
  } catch {
    return false;
  } finally {
    connection?.close();
  }
}

/** A session is started, and a whole second of audio arrives. */
const streams =
  (send: (connection: VoiceConnection, frame: Uint8Array) => void, options: ConnectOptions = {}): Attempt =>
  (client, services) =>
    withConnection(client, services, options, async (connection) => {
      await ask(connection, 'start', { sessionId: uniqueId(), clientId: 'client-0001' });
      // a view of a part of its buffer, as a recorder hands it over
      const audio = new Uint8Array(2_000 + 32_000);
      audio.set(tone(1_000), 2_000);
      send(connection, audio.subarray(2_000));
      const stop = await ask(connection, 'stop');
      return (stop as { durationMs?: number } | undefined)?.durationMs === 1_000;
    });

const identified =
  (place: ConnectOptions['place']): Attempt =>
  (client, services) =>
    withConnection(client, services, { ...(place && { place }) }, async (connection) => {
      const answer = await ask(connection, 'start', { sessionId: uniqueId(), clientId: 'client-0001' });
      return answer !== undefined && !isRefusal(answer);
    });

/** The columns of the table. */
export const COLUMNS: readonly [title: string, attempt: Attempt][] = [
  ['票据在 `auth`', identified('auth')],
  ['票据在查询参数', identified('query')],
  ['票据在请求头', identified('bearer')],
  [
    '票据被拒时得到错误码',
    (client, { url }) =>
      client.connect(url, { ticket: 'a.b.c' }).then(
        () => false,
        (error: { code?: string }) => error.code === 'TICKET_INVALID',
      ),
  ],
  ['`ArrayBuffer`', streams((connection, frame) => connection.audio(frame))],
  ['`Uint8Array`', streams((connection, frame) => connection.audio(frame), { binary: 'Uint8Array' })],
  ['base64', streams((connection, frame) => connection.base64(frame))],
  [
    '`path` 设为 `/`',
    (client, services) =>
      withConnection(client, { ...services, url: services.rootUrl }, { path: '/' }, async (connection) =>
        isRefusal(await ask(connection, 'stop')),
      ),
  ],
];

const MARKS = { yes: '✓', no: '✗' } as const;

/** The table as Markdown, made by trying everything. */
export async function compatibilityTable(
  clients: readonly VoiceClient[],
  services: Services,
): Promise<string> {
  const rows: string[] = [];
  for (const client of clients) {
    const cells = await Promise.all(COLUMNS.map(([, attempt]) => attempt(client, services)));
    rows.push(`| ${[client.name, ...cells.map((works) => (works ? MARKS.yes : MARKS.no))].join(' | ')} |`);
  }
  return [
    `| ${['客户端', ...COLUMNS.map(([title]) => title)].join(' | ')} |`,
    `|${'---|'.repeat(COLUMNS.length + 1)}`,
    ...rows,
  ].join('\n');
}
