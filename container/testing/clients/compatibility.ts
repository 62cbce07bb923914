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

/** The languages that the table is written in. */
export type Language = 'zh' | 'en';

/** The columns of the table. */
const COLUMNS: readonly [title: Record<Language, string>, attempt: Attempt][] = [
  [{ zh: '票据在 `auth`', en: 'ticket in `auth`' }, identified('auth')],
  [{ zh: '票据在查询参数', en: 'ticket in the query' }, identified('query')],
  [{ zh: '票据在请求头', en: 'ticket in a header' }, identified('bearer')],
  [
    { zh: '票据被拒时得到错误码', en: 'error code of a refused ticket' },
    (client, { url }) =>
      client.connect(url, { ticket: 'a.b.c' }).then(
        () => false,
        (error: { code?: string }) => error.code === 'TICKET_INVALID',
      ),
  ],
  [{ zh: '`ArrayBuffer`', en: '`ArrayBuffer`' }, streams((connection, frame) => connection.audio(frame))],
  [
    { zh: '`Uint8Array`', en: '`Uint8Array`' },
    streams((connection, frame) => connection.audio(frame), { binary: 'Uint8Array' }),
  ],
  [{ zh: 'base64', en: 'base64' }, streams((connection, frame) => connection.base64(frame))],
  [
    { zh: '`path` 设为 `/`', en: '`path` set to `/`' },
    (client, services) =>
      withConnection(client, { ...services, url: services.rootUrl }, { path: '/' }, async (connection) =>
        isRefusal(await ask(connection, 'stop')),
      ),
  ],
];

const MARKS = { yes: '✓', no: '✗' } as const;
const HEAD: Record<Language, string> = { zh: '客户端', en: 'Client' };
/** Of the clients whose names are not those of packages. */
const ENGLISH_NAMES: Readonly<Record<string, string>> = {
  本项目的客户端: 'this project’s client',
  '原生 WebSocket（{ event, data }）': 'plain WebSocket ({ event, data })',
  '原生 WebSocket（{ type, … }）': 'plain WebSocket ({ type, … })',
};

/** What a client can do, column by column. */
export interface ClientResult {
  name: string;
  works: boolean[];
}

/** Tries everything with every client. */
export async function tryClients(
  clients: readonly VoiceClient[],
  services: Services,
): Promise<ClientResult[]> {
  const results: ClientResult[] = [];
  for (const client of clients) {
    const works = await Promise.all(COLUMNS.map(([, attempt]) => attempt(client, services)));
    results.push({ name: client.name, works });
  }
  return results;
}

/** The table as Markdown. */
export function compatibilityTable(results: readonly ClientResult[], language: Language): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const nameIn = (name: string): string => (language === 'en' ? (ENGLISH_NAMES[name] ?? name) : name);
  return [
    row([HEAD[language], ...COLUMNS.map(([title]) => title[language])]),
    `|${'---|'.repeat(COLUMNS.length + 1)}`,
    ...results.map(({ name, works }) =>
      row([nameIn(name), ...works.map((one) => (one ? MARKS.yes : MARKS.no))]),
    ),
  ].join('\n');
}
