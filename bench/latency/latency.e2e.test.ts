import { describe, expect, test } from 'vitest';
import { browserFile } from '../../local/wechat/testing/browser.ts';
import { measureLatency } from './measure.ts';
import { formatReport } from './report.ts';
import { OURS, STAGES } from './stages.ts';

describe.skipIf(browserFile === undefined)('from the microphone to the screen', () => {
  test('every stage has figures, and none of them is negative', async () => {
    // rejects where a frame is missing or changed, where a stage is negative, or where the clocks contradict each other
    const measurement = await measureLatency({ leadMs: 4_000, windowMs: 6_000 });
    const { stages, ours, whole } = measurement.latencies;
    for (const stage of STAGES) expect(stages[stage].count, stage).toBeGreaterThan(0);
    expect(stages.send.count).toBeGreaterThan(40);
    expect(stages.upstream.p50).toBeGreaterThan(0);
    expect(stages.downstream.p50).toBeGreaterThan(0);
    expect(ours.p50).toBeGreaterThan(0);
    expect(whole.p50).toBeGreaterThan(ours.p50);
    expect(measurement.clockBoundMs).toBeGreaterThan(0);
    expect(formatReport(measurement).split('\n')).toContainEqual(expect.stringContaining('我们加的'));
    expect(OURS.has('recogniser')).toBe(false);
  });
});
