import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_ENGINE, ENGINES } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import { isFunctionError } from '../../../contract/functions.ts';
import { BUILD_HEADER, HTTP_API_BASE } from '../../../contract/http-api.ts';
import { describeSystemError } from '../../../lib/system-error.ts';
import { readWav, writeWav } from '../../../lib/wav.ts';
import { ROOT } from '../../root.ts';
import { stream } from '../../transcribe/stream.ts';
import { type Check, Problem, Skip } from '../runner.ts';
import { ask } from './ask.ts';
import { problemOf, problemOfCode } from './causes.ts';
import { likeness } from './likeness.ts';
import type { Target } from './target.ts';

/** A short sentence, synthesised, 16 kHz. */
const SAMPLE = 'samples/phrases/weather';
/** A real recogniser may hear a synthetic voice a little differently. */
const ENOUGH_ALIKE = 0.6;
const TITLE = 'npm run doctor';
const FUNCTION_MS = 70_000;
const OTHER_ENVIRONMENT =
  '检查云函数与容器是不是在同一个环境（容器的 TCB_ENV 与 CLOUDBASE_APIKEY，--functions 的域名）';

interface Sample {
  pcm: Int16Array;
  rateHz: number;
  text: string;
}

async function sample(): Promise<Sample> {
  const [wav, text] = await Promise.all([
    readFile(join(ROOT, `${SAMPLE}.wav`)),
    readFile(join(ROOT, `${SAMPLE}.txt`), 'utf8'),
  ]);
  const { samples, sampleRateHz } = readWav(wav);
  return { pcm: samples, rateHz: sampleRateHz, text: text.trim() };
}

/** @throws Problem */
function compare(heard: string, { text }: Sample): string {
  const alike = likeness(heard, text);
  if (alike < ENOUGH_ALIKE)
    throw new Problem(
      `识别成「${heard}」，应为「${text}」`,
      heard === ''
        ? '识别服务没有听到语音：检查引擎与采样率，中间的代理有没有改动二进制消息'
        : '检查引擎是不是普通话；识别服务的账号与地址对不对（ASR_ENDPOINT）',
    );
  return alike === 1 ? `「${heard}」` : `「${heard}」，与「${text}」相近`;
}

/** Calls a function over HTTP. @throws Problem when it refuses */
async function call(
  { functionsUrl, ticket }: Target,
  name: string,
  request: object | FormData,
): Promise<Record<string, unknown>> {
  const asResponse = new Response(request instanceof FormData ? request : JSON.stringify(request));
  const form = asResponse.headers.get('content-type') ?? '';
  const { status, body } = await ask(`${functionsUrl}${HTTP_API_BASE}/${name}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ticket}`,
      'content-type': request instanceof FormData ? form : 'application/json',
    },
    body: new Uint8Array(await asResponse.arrayBuffer()),
    timeoutMs: FUNCTION_MS,
  });
  if (isFunctionError(body)) throw problemOfCode(body.code, `云函数 ${name}`);
  if (status !== 200 || typeof body !== 'object' || body === null)
    throw new Problem(`云函数 ${name} 应答 ${status}`, '看云函数的日志；超时的话把它的超时设为 60 秒');
  return body as Record<string, unknown>;
}

/** Without a ticket a function says so: then it is there, and its HTTP access is open. */
async function functions(target: Target): Promise<string> {
  const { url, functionsUrl, isThere } = target;
  if (functionsUrl === url && !isThere) throw new Skip('先要「/health」正常');
  const asked = `${functionsUrl}${HTTP_API_BASE}/stats`;
  const { status, headers, body } = await ask(asked).catch((error: Error) => {
    const why = describeSystemError(error) ?? error.message;
    throw new Problem(
      `${functionsUrl} 没有应答：${why}`,
      '检查 --functions 给的域名，HTTP 访问服务开通了没有',
    );
  });
  if (isFunctionError(body)) target.functionsBuild = headers[BUILD_HEADER]?.toString();
  if (isFunctionError(body) && body.code === 'UNAUTHENTICATED') {
    // a ticket that the container takes has to be good here, too
    if (target.isTicketAccepted) await todayOf(target);
    target.hasFunctions = true;
    return '在；没有票据不应答';
  }
  if (isFunctionError(body)) throw problemOfCode(body.code, '云函数');
  if (functionsUrl === url && status === 404)
    throw new Skip('这个地址是容器，云函数不在这里', { mend: '用 --functions 给出「HTTP 访问服务」的域名' });
  throw new Problem(
    `${functionsUrl} 上没有云函数的 HTTP 访问（${status}）`,
    '开通四个路径（docs/http-api.md 的「开通」），或用 --functions 给出正确的域名',
  );
}

async function streamed(target: Target): Promise<string> {
  const given = await sample();
  const { pcm, rateHz } = given;
  if (rateHz !== ENGINES[DEFAULT_ENGINE].sampleRateHz) throw new Error(`${SAMPLE}: ${rateHz} Hz`);
  target.before = await todayOf(target).catch(() => undefined);
  const ticket = target.ticket ?? '';
  let refused = false;
  const tickets = {
    async get() {
      if (refused) throw new VoiceError('TICKET_INVALID');
      return ticket;
    },
    invalidate() {
      refused = true;
    },
  };
  try {
    const { sessionId, lines, firstTextMs, finalAfterStopMs } = await stream(
      {
        url: target.url,
        path: target.socketIoPath,
        tickets,
        pcm,
        rateHz,
        speed: 1,
        options: { engine: DEFAULT_ENGINE, title: TITLE },
      },
      { session: (id) => target.sessions.push(id) },
    );
    const text = lines.map((line) => line.text).join('');
    target.streamed = { sessionId, text };
    return `${compare(text, given)}，首字 ${firstTextMs ?? '—'} ms，结束后 ${finalAfterStopMs} ms 存好`;
  } catch (error) {
    throw problemOf(error, '实时识别');
  }
}

async function todayOf(target: Target): Promise<{ day: string; sessions: number }> {
  const { today } = await call(target, 'stats', { action: 'today' });
  return today as { day: string; sessions: number };
}

async function history(target: Target): Promise<string> {
  const { sessionId = '', text = '' } = target.streamed ?? {};
  const answer = await call(target, 'history', { action: 'get', sessionId }).catch((error: Error) => {
    if (error instanceof Problem && error.code === 'NOT_FOUND')
      throw new Problem('记录里没有刚才的会话', OTHER_ENVIRONMENT);
    throw error;
  });
  const sentences = answer.sentences as { text: string }[];
  const stored = sentences.map((sentence) => sentence.text).join('');
  if (stored !== text) throw new Problem(`记录里是「${stored}」，屏幕上是「${text}」`, '请带着这段输出报告');
  return `与识别的一致，${sentences.length} 句`;
}

async function stats(target: Target): Promise<string> {
  const { day, sessions } = await todayOf(target);
  const before = target.before?.day === day ? target.before.sessions : 0;
  if (sessions <= before)
    throw new Problem(
      `刚才的会话没有计入今天的统计：之前 ${before} 个，现在 ${sessions} 个`,
      OTHER_ENVIRONMENT,
    );
  return `今天 ${sessions} 个会话`;
}

async function recognize(target: Target): Promise<string> {
  const given = await sample();
  const sessionId = randomUUID();
  const form = new FormData();
  form.set('request', JSON.stringify({ sessionId, title: TITLE }));
  form.set('audio', new Blob([writeWav(given.pcm, given.rateHz)]), 'sample.wav');
  target.sessions.push(sessionId);
  const { text } = await call(target, 'recognize', form);
  return compare(String(text), given);
}

/** The records that the checks have made. The statistics of a ticket's user are theirs, and keep what was counted. */
async function cleanUp(target: Target): Promise<string> {
  const { sessions } = target;
  if (sessions.length === 0) throw new Skip('没有留下会话');
  if (!target.hasFunctions)
    throw new Skip(`测试的会话 ${sessions.join('、')} 还在记录里：要经云函数才能删除`, {
      mend: '用 --functions 给出「HTTP 访问服务」的域名',
    });
  let deleted = 0;
  for (const sessionId of sessions) {
    const answer = await call(target, 'history', { action: 'delete', sessionId }).catch(
      (error: Error) => error,
    );
    // a session that was refused at its start has no record
    if (!(answer instanceof Error)) deleted += 1;
    else if (!(answer instanceof Problem && answer.code === 'NOT_FOUND')) throw answer;
  }
  if (!target.sign) return `删除了 ${deleted} 个会话；统计里还算着`;
  // the user is one that was made up for this run
  while (!(await call(target, 'history', { action: 'deleteAll', confirm: true })).done);
  return `删除了 ${deleted} 个会话与统计`;
}

export const SPEECH_CHECKS: readonly Check<Target>[] = [
  {
    name: 'functions',
    title: '云函数的 HTTP 访问',
    needs: ['tls'],
    after: ['health', 'ticket'],
    run: functions,
  },
  {
    name: 'stream',
    title: '实时识别',
    needs: ['ready', 'clock', 'ticket'],
    after: ['functions'],
    run: streamed,
  },
  { name: 'history', title: '读回记录', needs: ['stream', 'functions'], run: history },
  { name: 'stats', title: '读回统计', needs: ['history'], run: stats },
  { name: 'recognize', title: '一句话识别', needs: ['functions', 'ticket'], run: recognize },
  {
    name: 'cleanup',
    title: '删除测试的会话',
    needs: ['ticket'],
    after: ['functions', 'stream', 'history', 'stats', 'recognize'],
    run: cleanUp,
  },
];
