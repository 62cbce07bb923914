import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { RecorderError } from '../../audio/recorder.types.ts';
import { pcm, recorderRig } from '../../audio/testing/recorder-rig.ts';
import type { RecognizeRequest } from '../../services/cloud.ts';
import { OneshotModel, type OneshotView } from './model.ts';

function rig({ permission = async () => {} }: { permission?: () => Promise<void> } = {}) {
  const microphone = recorderRig(permission);
  const requests: RecognizeRequest[] = [];
  const answers: (Error | undefined)[] = [];
  let time = 0;
  let ids = 0;
  let view: OneshotView | undefined;
  const model = new OneshotModel({
    createRecorder: microphone.another,
    recognize: async (request) => {
      requests.push(request);
      const failure = answers.shift();
      if (failure) throw failure;
      return { sessionId: request.sessionId ?? '', text: '你好', durationMs: 1_000 };
    },
    base64: (bytes) => `base64 of ${bytes.byteLength}`,
    newSessionId: () => `session-${++ids}`,
    engine: () => '16k_zh',
    now: () => time,
    changed: (next) => (view = next),
    level: () => {},
  });
  return {
    model,
    microphone,
    requests,
    answers,
    view: () => view as OneshotView,
    pass: (ms: number) => (time += ms),
    phase: (phase: string) => vi.waitFor(() => expect(view?.phase).toBe(phase)),
  };
}
type Rig = ReturnType<typeof rig>;

async function held(it: Rig, ms: number): Promise<void> {
  it.model.press();
  await it.phase('recording');
  it.microphone.fake.frame(pcm(ms));
  it.pass(ms);
}

describe('hold to talk', () => {
  test('what was said while holding is recognised as one WAV file and saved', async () => {
    const it = rig();
    await held(it, 1_500);
    it.model.release();
    await it.phase('done');
    expect(it.requests).toEqual([
      { sessionId: 'session-1', audio: `base64 of ${44 + 1_500 * 32}`, engine: '16k_zh', format: 'wav' },
    ]);
    expect(it.view()).toMatchObject({ text: '你好', sessionId: 'session-1', problem: null });
  });

  test('a short tap goes on without holding, and the next tap ends it', async () => {
    const it = rig();
    await held(it, 200);
    it.model.release();
    expect(it.view()).toMatchObject({ phase: 'recording', handsFree: true });
    it.microphone.fake.frame(pcm(800));
    it.model.press();
    it.model.release();
    await it.phase('done');
    expect(it.requests[0]?.audio).toBe(`base64 of ${44 + 1_000 * 32}`);
  });

  test('letting go away from the button throws it away', async () => {
    const it = rig();
    await held(it, 1_500);
    it.model.move(true);
    expect(it.view().discarding).toBe(true);
    it.model.release();
    await it.phase('idle');
    expect(it.microphone.fake.open).toBe(false);
    expect(it.requests).toEqual([]);
  });

  test('after 60 s it ends by itself, and not a sample more is sent', async () => {
    const it = rig();
    await held(it, 59_900);
    it.microphone.fake.frame(pcm(400));
    await it.phase('done');
    expect(it.requests[0]?.audio).toBe(`base64 of ${44 + 60_000 * 32}`);
  });

  test('a call in the middle recognises what was said so far', async () => {
    const it = rig();
    await held(it, 1_500);
    it.microphone.fake.interruption(true);
    await it.phase('done');
  });

  test('a finger lifted while the permission dialog is up leaves nothing recording', async () => {
    let allow = (): void => {};
    const it = rig({ permission: () => new Promise((resolve) => (allow = resolve)) });
    it.model.press();
    it.pass(2_000);
    it.model.release();
    allow();
    await it.phase('idle');
    expect(it.microphone.fake.starts).toEqual([]);
  });

  test('a refused microphone says so and offers the settings', async () => {
    const it = rig({ permission: () => Promise.reject(new RecorderError('denied', 'no')) });
    it.model.press();
    await it.phase('failed');
    expect(it.view().problem).toMatchObject({ microphone: true });
  });

  test('silence without a single sample is no request', async () => {
    const it = rig();
    await held(it, 0);
    it.pass(1_000);
    it.model.release();
    await it.phase('failed');
    expect(it.requests).toEqual([]);
  });
});

test('another try sends the same recording under the same id, so that it is stored once', async () => {
  const it = rig();
  it.answers.push(new VoiceError('ASR_UNAVAILABLE'));
  await held(it, 1_500);
  it.model.release();
  await it.phase('failed');
  expect(it.view().problem?.retry).toBe(true);
  await it.model.retry();
  expect(it.view().phase).toBe('done');
  expect(it.requests[1]).toEqual(it.requests[0]);
});

describe('a file', () => {
  test('is sent as it is; only raw PCM needs its format named', async () => {
    const it = rig();
    const read = async (): Promise<string> => 'file';
    await it.model.recognizeFile({ name: 'a.mp3', sizeBytes: 1_000, read });
    await it.model.recognizeFile({ name: 'b.PCM', sizeBytes: 1_000, read });
    expect(it.requests.map(({ format }) => format)).toEqual([undefined, 'pcm']);
  });

  test('that is too large is refused before it is read', async () => {
    const it = rig();
    const read = vi.fn(async () => '');
    await it.model.recognizeFile({ name: 'a.wav', sizeBytes: 2_359_300, read });
    expect(it.view()).toMatchObject({ phase: 'failed', problem: { retry: false } });
    expect(read).not.toHaveBeenCalled();
  });

  test('that cannot be read fails in words', async () => {
    const it = rig();
    await it.model.recognizeFile({
      name: 'a.wav',
      sizeBytes: 10,
      read: () => Promise.reject(new Error('gone')),
    });
    expect(it.view().phase).toBe('failed');
  });
});
