import { expect, it } from 'vitest';
import { metricsOf } from '../testing/metrics.ts';
import { useService } from '../testing/service-suite.ts';
import { sendFile } from '../testing/voice-client.ts';

const suite = useService({ METRICS_PORT: '0' });

/** Read from the line with which the container says that it listens. */
const metricsUrl = (): string => {
  const line = suite.service.log.find((one) => one.includes('"listening"')) ?? '{}';
  return `http://127.0.0.1:${(JSON.parse(line) as { metricsPort: number }).metricsPort}/metrics`;
};

it('a recording moves sessions, audio, finals, both latencies and the time of the database', async () => {
  const before = await metricsOf(metricsUrl());
  expect(before.get('voice_finals_total')).toBe(0);
  const socket = await suite.connected('oMeasured');
  const { stop } = await sendFile(socket, 'samples/phrases/coffee.wav');
  const after = await metricsOf(metricsUrl());
  expect(after.get('voice_audio_seconds_total')).toBeCloseTo(stop.durationMs / 1000, 2);
  expect(after.get('voice_finals_total')).toBe(stop.sentences);
  expect(after.get('voice_first_text_seconds_count')).toBe(1);
  expect(after.get('voice_final_latency_seconds_count')).toBe(stop.sentences);
  expect(after.get('voice_sessions_ended_total{how="completed"}')).toBe(1);
  expect(after.get('voice_sessions')).toBe(0);
  for (const operation of ['create', 'write', 'complete'])
    expect(after.get(`voice_store_request_seconds_count{operation="${operation}"}`)).toBeGreaterThan(0);
  for (const process of ['nodejs_eventloop_lag_seconds', 'process_resident_memory_bytes'])
    expect(after.get(process)).toBeGreaterThan(0);
});

it('no label names a user or a session, however many there were', async () => {
  // Node.js's own metrics appear when they first happen, such as a kind of garbage collection
  const names = async () =>
    [...(await metricsOf(metricsUrl())).keys()].filter((name) => name.startsWith('voice_'));
  await sendFile(await suite.connected('oFirst'), 'samples/phrases/coffee.wav');
  const once = await names();
  await sendFile(await suite.connected('oSecond'), 'samples/phrases/coffee.wav');
  expect((await names()).sort()).toEqual(once.sort());
  const text = await (await fetch(metricsUrl())).text();
  expect(text).not.toMatch(/oFirst|oSecond|[0-9a-f]{8}-[0-9a-f]{4}-/);
});

it('is on a port of its own: not on the one that the gateway publishes', async () => {
  expect((await fetch(`${suite.service.url}/metrics`)).status).toBe(404);
});
