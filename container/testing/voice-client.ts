import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { io, type Socket } from 'socket.io-client';
import type { Answer, ResultEvent, StartAnswer, StopAnswer } from '../../contract/stream.ts';
import { isRefusal } from '../../contract/stream.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';
import { joined, silence } from './audio.ts';

const FRAME_BYTES = 6_400;
const ANSWER_WITHIN_MS = 20_000;

export const uniqueId = (): string => randomUUID();

/** A socket on the streaming namespace, connected. */
export async function connectVoice(url: string, auth: object): Promise<Socket> {
  const socket = io(`${url}/realtime-voice`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** The next event of that name. */
export const said = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, resolve));

export async function startOf(socket: Socket, request: object = {}): Promise<StartAnswer> {
  const whole = { sessionId: uniqueId(), clientId: 'client-0001', ...request };
  const answer: Answer<StartAnswer> = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('start', whole);
  if (isRefusal(answer)) throw new Error(answer.error.code);
  return answer;
}

/** The code that a request is refused with. */
export async function refusalOf(socket: Socket, event: string, payload: unknown): Promise<string> {
  const answer: Answer<object> = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload);
  return isRefusal(answer) ? answer.error.code : 'not refused';
}

/** Streams a WAV file with the text beside it, as fast as the credit allows. */
export async function sendFile(
  socket: Socket,
  file: string,
): Promise<{ exact: boolean; text: string; stop: StopAnswer }> {
  const { samples } = readMonoWav(readFileSync(file));
  const speech = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const pcm = Buffer.from(joined(silence(500), speech, silence(500)));
  const expected = readFileSync(file.replace(/\.wav$/, '.txt'), 'utf8').trim();
  const finals = new Map<number, string>();
  socket.on('result', (result: ResultEvent) => result.final && finals.set(result.index, result.text));
  await startOf(socket);
  for (let i = 0; i < pcm.byteLength; i += FRAME_BYTES)
    socket.emit('audio', i / 2, pcm.subarray(i, i + FRAME_BYTES));
  const endPos = Math.floor(pcm.byteLength / 2);
  const stop: Answer<StopAnswer> = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('stop', { endPos });
  if (isRefusal(stop)) throw new Error(stop.error.code);
  const text = [...finals.values()].join('\n');
  return { exact: text === expected, text, stop };
}
