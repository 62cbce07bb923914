/**
 * `npm run bench:load`: what a session costs a container, as it is deployed: CPU time and memory, while so many people speak at the
 * same time. Database, recogniser and phones run in this process.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'socket.io-client';
import { buildContainer } from '../compile/container.ts';
import { type LocalService, startLocalService } from '../container/testing/local-service.ts';
import { metricsOf } from '../container/testing/metrics.ts';
import { connectVoice, startOf } from '../container/testing/voice-client.ts';
import { BYTES_PER_SAMPLE } from '../contract/limits.ts';
import { sleep, systemClock } from '../lib/clock.ts';
import { readMonoWav } from '../local/asr/mono-wav.ts';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../tools/cli.ts';

/** A frame as a phone's recorder gives it: 4 KB, 128 ms at 16 kHz. */
const FRAME_SAMPLES = 2_048;
const FRAME_MS = 128;
/** People do not begin at the same moment. */
const START_EVERY_MS = 100;
/** After the start, and after the last session has begun, ms: what happens once is over. */
const SETTLE_MS = 3_000;
/** This process must keep up with the speech, or the container is not under the load that is told. */
const LEAST_PACE = 0.95;
const MB = 1_000_000;

interface Usage {
  cpuMs: number;
  bytes: number;
  audioSeconds: number;
}

async function usageOf(metricsUrl: string): Promise<Usage> {
  const metrics = await metricsOf(metricsUrl);
  const read = (name: string): number => metrics.get(name) ?? 0;
  return {
    cpuMs: read('process_cpu_seconds_total') * 1_000,
    bytes: read('process_resident_memory_bytes'),
    audioSeconds: read('voice_audio_seconds_total'),
  };
}

/** One person who says the recording again and again. */
async function speaker(service: LocalService, number: number, speech: Buffer): Promise<() => void> {
  const ticket = await service.ticket(`oSpeaker${number}`);
  const socket: Socket = await connectVoice(service.url, { ticket });
  await startOf(socket);
  const startedMs = systemClock.now();
  const frames = Math.floor(speech.byteLength / BYTES_PER_SAMPLE / FRAME_SAMPLES);
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent * FRAME_MS <= systemClock.now() - startedMs; sent++) {
      const from = (sent % frames) * FRAME_SAMPLES * BYTES_PER_SAMPLE;
      socket.emit(
        'audio',
        sent * FRAME_SAMPLES,
        speech.subarray(from, from + FRAME_SAMPLES * BYTES_PER_SAMPLE),
      );
    }
  }, FRAME_MS);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

async function measure(
  service: LocalService,
  sessions: number,
  seconds: number,
): Promise<Record<string, number>> {
  const line = service.log.find((one) => one.includes('"listening"')) ?? '{}';
  const { metricsPort } = JSON.parse(line) as { metricsPort: number };
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  const { samples } = readMonoWav(await readFile('samples/meeting.wav'));
  const speech = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  await sleep(systemClock, SETTLE_MS);
  const idle = await usageOf(metricsUrl);
  const stops: (() => void)[] = [];
  for (let number = 0; number < sessions; number++) {
    stops.push(await speaker(service, number, speech));
    await sleep(systemClock, START_EVERY_MS);
  }
  await sleep(systemClock, SETTLE_MS);
  const before = await usageOf(metricsUrl);
  const startedMs = systemClock.now();
  let peakBytes = before.bytes;
  while (systemClock.now() - startedMs < seconds * 1_000) {
    await sleep(systemClock, 1_000);
    peakBytes = Math.max(peakBytes, (await usageOf(metricsUrl)).bytes);
  }
  const after = await usageOf(metricsUrl);
  const sessionSeconds = (sessions * (systemClock.now() - startedMs)) / 1_000;
  for (const stop of stops) stop();
  return {
    sessions,
    pace: (after.audioSeconds - before.audioSeconds) / sessionSeconds,
    cpuMsPerSessionSecond: (after.cpuMs - before.cpuMs) / sessionSeconds,
    idleBytes: idle.bytes,
    bytesPerSession: (peakBytes - idle.bytes) / sessions,
  };
}

await runTool(
  {
    command: 'npm run -s bench:load --',
    summary: '测量一个会话用容器多少 CPU 与内存：这么多人同时说话',
    options: {
      sessions: {
        type: 'number',
        value: 'N',
        help: '同时说话的人数，默认 40',
        min: 1,
        max: 500,
        default: 40,
      },
      seconds: { type: 'number', value: 'N', help: '测多少秒，默认 30', min: 5, max: 600, default: 30 },
      json: JSON_OPTION,
    },
  },
  '正在构建并启动',
  async ({ values: { sessions, seconds, json }, progress }) => {
    const outDir = await mkdtemp(join(tmpdir(), 'bench-load-'));
    await buildContainer({ outDir });
    const env = {
      METRICS_PORT: '0',
      MAX_SESSIONS: String(sessions),
      // so that all of them can start within seconds
      DB_WRITES_PER_SECOND: '100',
      LOG_LEVEL: 'warn',
      DRAIN_MS: '0',
    };
    const service = await startLocalService(env, {}, join(outDir, 'index.js'));
    try {
      progress.step(`正在测量：${sessions} 人说话 ${seconds} 秒`);
      const result = await measure(service, sessions, seconds);
      const { pace = 0, cpuMsPerSessionSecond = 0, idleBytes = 0, bytesPerSession = 0 } = result;
      console.log(
        `${sessions} 个会话：每会话每秒 ${cpuMsPerSessionSecond.toFixed(2)} 毫秒 CPU，${Math.round(bytesPerSession / 1_000)} KB 内存；` +
          `没有会话时 ${Math.round(idleBytes / MB)} MB`,
      );
      if (json) console.log(JSON.stringify(result));
      if (pace < LEAST_PACE)
        throw new ToolError(`机器太忙，只说出了 ${Math.round(pace * 100)}%：数字不作数，减少 --sessions`);
    } finally {
      await service.stop();
      await rm(outDir, { recursive: true, force: true });
    }
  },
);
// sockets that were closed in the middle of something
await exitWhenWritten();
