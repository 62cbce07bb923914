import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { SESSIONS } from '../../contract/records.ts';
import type { Answer, StopAnswer } from '../../contract/stream.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';
import { joined, silence } from '../testing/audio.ts';
import { startContainer, stopProcess } from '../testing/local-service.ts';
import { useService } from '../testing/service-suite.ts';
import { connectVoice, said, startOf, uniqueId } from '../testing/voice-client.ts';

const PRELOAD = new URL('../testing/crash-on-signal.mjs', import.meta.url).href;
const FILE = 'samples/phrases/coffee';
const FRAME_BYTES = 6_400;

const suite = useService();

function pcmOf(file: string): Buffer {
  const { samples } = readMonoWav(readFileSync(file));
  const speech = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return Buffer.from(joined(silence(500), speech, silence(500)));
}

it.each([
  ['exception', 'uncaughtException'],
  ['rejection', 'unhandledRejection'],
])(
  'a defect (%s) that nobody catches is logged, the sessions are handed over, and the process ends with 1',
  async (kind, event) => {
    const log: string[] = [];
    const env = {
      ...suite.service.gateway.containerEnv(),
      ASR_ENDPOINT: suite.service.asr.url.replace('http', 'ws'),
      DRAIN_MS: '2000',
      CRASH: kind,
    };
    const { container, url } = await startContainer(env, log, ['--import', PRELOAD]);
    onTestFinished(async () => void (await stopProcess(container)));
    const socket = suite.open(await connectVoice(url, { ticket: await suite.service.ticket() }));
    const pcm = pcmOf(`${FILE}.wav`);
    const send = (to: typeof socket, from: number, until: number): void => {
      for (let at = from; at < until; at += FRAME_BYTES)
        to.emit('audio', at / 2, pcm.subarray(at, Math.min(at + FRAME_BYTES, until)));
    };
    const sessionId = uniqueId();
    await startOf(socket, { sessionId });
    send(socket, 0, FRAME_BYTES * 5);
    await said(socket, 'progress');

    const exited = once(container, 'exit');
    const gone = said(socket, 'disconnect');
    container.kill('SIGUSR2');
    // closed by the transport, so that a client connects again by itself
    expect(await gone).toBe('transport close');
    expect((await exited)[0]).toBe(1);
    const lines = log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level === 60)).toMatchObject([
      { event, err: { message: 'injected defect' } },
    ]);
    // the runtime's own warnings are lines of the log, too; nobody can act on a deprecated call of a package
    expect(lines.filter(({ level }) => level === 40)).toMatchObject([
      { err: { message: 'injected warning' } },
    ]);
    expect(log.join('')).not.toContain('injected deprecation');

    const back = await suite.connected();
    const { nextPos } = await startOf(back, { sessionId, resume: { haveIndex: -1 } });
    send(back, nextPos * 2, pcm.byteLength);
    const endPos = pcm.byteLength / 2;
    const stop: Answer<StopAnswer> = await back.timeout(20_000).emitWithAck('stop', { endPos });
    expect(stop).toMatchObject({ sentences: 1 });
    const record = suite.service.gateway.dump(SESSIONS).find(({ _id }) => _id === sessionId);
    expect(record).toMatchObject({
      state: 'completed',
      losses: [],
      sentences: { 0: { text: readFileSync(`${FILE}.txt`, 'utf8').trim() } },
    });
  },
);
