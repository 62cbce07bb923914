import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../../lib/http-body.ts';

/** The keys that the server knows. */
export const ASR_KEYS = { secretId: 'AKIDasr', secretKey: 'asr-secret', token: 'sts-token' } as const;

/** Audio of 3 MB in Base64, and the other parameters. */
const MAX_BODY_BYTES = 4_000_000;

interface AsrCall {
  headers: http.IncomingHttpHeaders;
  params: Record<string, unknown>;
}
/** An answer; an Error closes the connection, a number is an HTTP status. */
type Scripted =
  | { Result: string; AudioDuration?: number; WordList?: unknown }
  | { Code: string }
  | number
  | Error;

export interface TestAsrServer {
  endpoint: string;
  calls: AsrCall[];
  /** Answers in order; the last one stays. */
  answers: Scripted[];
  /** Awaited before each answer, to delay it. */
  gate: Promise<unknown>;
  /** Forgets the calls, and restores the default answer. */
  reset(): void;
  stop(): Promise<void>;
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Verifies TC3-HMAC-SHA256 as the service does: the signed host has no port, the scope names the service. */
function isSigned(request: http.IncomingMessage, body: Buffer): boolean {
  const { authorization = '', host = '' } = request.headers;
  const [, id, date, service, signature] =
    /^TC3-HMAC-SHA256 Credential=([^/]+)\/([^/]+)\/([^/]+)\/tc3_request, SignedHeaders=content-type;host, Signature=(\w+)$/.exec(
      authorization,
    ) ?? [];
  if (id !== ASR_KEYS.secretId || !date || !service) return false;
  const signedHost = host.replace(/:\d+$/, '');
  const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${signedHost}\n\ncontent-type;host\n${sha256(body)}`;
  const timestamp = String(request.headers['x-tc-timestamp']);
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${date}/${service}/tc3_request\n${sha256(canonical)}`;
  const key = hmac(hmac(hmac(`TC3${ASR_KEYS.secretKey}`, date), service), 'tc3_request');
  return hmac(key, text).toString('hex') === signature;
}

/** A strict SentenceRecognition: refuses what is not signed or not shaped as documented. */
export async function startTestAsrServer(): Promise<TestAsrServer> {
  const initial = () => ({
    calls: [] as AsrCall[],
    answers: [{ Result: '你好，世界。' }] as Scripted[],
    gate: Promise.resolve() as Promise<unknown>,
  });
  const state = initial();
  const server = http.createServer(async (request, response) => {
    const body = await readBody(request, MAX_BODY_BYTES);
    const params = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    state.calls.push({ headers: request.headers, params });
    await state.gate;
    const answer = isSigned(request, body)
      ? (refusalOf(request, params) ?? (state.answers.length > 1 ? state.answers.shift() : state.answers[0]))
      : { Code: 'AuthFailure.SignatureFailure' };
    if (answer instanceof Error) return void request.socket.destroy();
    if (typeof answer === 'number') return void response.writeHead(answer).end();
    const content = answer && 'Code' in answer ? { Error: { ...answer, Message: 'refused' } } : answer;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ Response: { ...content, RequestId: 'request-1' } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reset: () => void Object.assign(state, initial()),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function refusalOf({ headers }: http.IncomingMessage, params: Record<string, unknown>): Scripted | undefined {
  if (headers['x-tc-action'] !== 'SentenceRecognition' || headers['x-tc-version'] !== '2019-06-14') {
    return { Code: 'InvalidAction' };
  }
  const { SourceType, Data, DataLen, EngSerViceType, VoiceFormat } = params;
  const complete = SourceType === 1 && typeof Data === 'string' && EngSerViceType && VoiceFormat;
  if (!complete) return { Code: 'InvalidParameter.ErrorParamsMissing' };
  const same = Buffer.from(String(Data), 'base64').length === DataLen;
  return same ? undefined : { Code: 'InvalidParameter.ErrorContentlength' };
}
