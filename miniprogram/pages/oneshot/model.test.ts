import { LocalError, RecorderError } from 'cloudbase-voice';
import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { RecognizeProgress, Recording } from '../../services/recognition.ts';
import { pcm, recorderRig } from '../../voice/testing/recorder-rig.ts';
import { OneshotModel, type OneshotView } from './model.ts';

function rig({ permission = async () => {} }: { permission?: () => Promise<void> } = {}) {
  const microphone = recorderRig(permission);
  const requests: Recording[] = [];
  const told: OneshotView[] = [];
  let onTheWay = async (_progress: (progress: RecognizeProgress) => void): Promise<void> => {};
  const answers: (Error | undefined)[] = [];
  const kept: { sessionId: string; rateHz: number; bytes: number }[] = [];
  let time = 0;
  let ids = 0;
  let view: OneshotView | undefined;
  const model = new OneshotModel({
    createRecorder: microphone.another,
    recognize: async (request, onProgress) => {
      requests.push(request);
      await onTheWay(onProgress);
      const failure = answers.shift();
      if (failure) throw failure;
      return { sessionId: request.sessionId, text: '你好', durationMs: 1_000 };
    },
    newSessionId: () => `session-${++ids}`,
    keepAudio: (sessionId, rateHz, pieces) =>
      void kept.push({ sessionId, rateHz, bytes: pieces.reduce((sum, piece) => sum + piece.byteLength, 0) }),
    engine: () => '16k_zh',
    now: () => time,
    changed: (next) => {
      view = next;
      told.push(next);
    },
    level: () => {},
  });
  return {
    model,
    microphone,
    requests,
    answers,
    kept,
    told,
    /** What happens before the answer comes. */
    meanwhile: (next: typeof onTheWay) => {
      onTheWay = next;
    },
    view: () => view as OneshotView,
    pass: (ms: number) => (time += ms),
    phase: (phase: string) => vi.waitFor(() => expect(view?.phase).toBe(phase)),
  };
}
type Rig = ReturnType<typeof rig>;

const sizeOf = ({ audio }: Recording): number =>
  'bytes' in audio ? audio.bytes.byteLength : audio.sizeBytes;

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
    expect(it.requests).toMatchObject([{ sessionId: 'session-1', engine: '16k_zh', format: 'wav' }]);
    expect(it.requests.map(sizeOf)).toEqual([44 + 1_500 * 32]);
    expect(it.view()).toMatchObject({ text: '你好', sessionId: 'session-1', problem: null });
  });

  test('its audio is kept once it is recognised, under the id of its record', async () => {
    const it = rig();
    it.answers.push(new LocalError('NETWORK'));
    await held(it, 1_500);
    it.model.release();
    await it.phase('failed');
    expect(it.kept).toEqual([]);
    await it.model.retry();
    expect(it.kept).toEqual([{ sessionId: 'session-1', rateHz: 16_000, bytes: 1_500 * 32 }]);
  });

  test('a chosen file is not kept', async () => {
    const it = rig();
    await held(it, 1_500);
    it.model.release();
    await it.phase('done');
    await it.model.recognizeFile({ name: 'a.mp3', sizeBytes: 10, filePath: 'tmp/a.mp3' });
    expect(it.kept).toHaveLength(1);
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
    expect(it.requests.map(sizeOf)).toEqual([44 + 1_000 * 32]);
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
    expect(it.requests.map(sizeOf)).toEqual([44 + 60_000 * 32]);
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

describe('while the recording is on its way', () => {
  test('the page shows how much is uploaded, each whole percent once, then that it is being recognised', async () => {
    const it = rig();
    it.meanwhile(async (onProgress) => {
      for (const percent of [0, 0, 33.3, 33.4, 100]) onProgress({ stage: 'uploading', percent });
      onProgress({ stage: 'recognising' });
    });
    await held(it, 3_000);
    it.told.length = 0;
    it.model.release();
    await it.phase('done');
    const seen = it.told.map(({ phase, percent }) => (phase === 'uploading' ? percent : phase));
    expect(seen.slice(seen.indexOf(0))).toEqual([0, 33, 100, 'recognising', 'done']);
  });

  test('neither a press nor another file begins anything', async () => {
    const it = rig();
    let arrive = (): void => {};
    it.meanwhile((onProgress) => {
      onProgress({ stage: 'uploading', percent: 50 });
      return new Promise((resolve) => (arrive = resolve));
    });
    const first = it.model.recognizeFile(chosen('a.mp3'));
    expect(it.view()).toMatchObject({ phase: 'uploading', percent: 50 });
    it.model.press();
    it.model.release();
    await it.model.recognizeFile(chosen('b.mp3'));
    expect(it.microphone.fake.starts).toEqual([]);
    arrive();
    await first;
    expect(it.view().phase).toBe('done');
    expect(it.requests).toHaveLength(1);
  });

  test('an upload that fails says so, and another try begins at nothing under the same id', async () => {
    const it = rig();
    it.answers.push(new LocalError('UPLOAD_FAILED'));
    it.meanwhile(async (onProgress) => onProgress({ stage: 'uploading', percent: 40 }));
    await it.model.recognizeFile(chosen('a.mp3'));
    expect(it.view()).toMatchObject({ phase: 'failed', problem: { title: '上传失败', retry: true } });
    it.told.length = 0;
    await it.model.retry();
    expect(it.told[0]).toMatchObject({ percent: 0, problem: null });
    expect(it.view().phase).toBe('done');
    expect(it.requests[1]).toBe(it.requests[0]);
  });
});

const chosen = (name: string, sizeBytes = 1_000) => ({ name, sizeBytes, filePath: `wxfile://tmp/${name}` });

describe('a file', () => {
  test('is sent as it is, by the name that its extension gives it', async () => {
    const it = rig();
    for (const name of ['a.mp3', 'b.PCM', 'c.d.opus', 'e.speex']) await it.model.recognizeFile(chosen(name));
    expect(it.requests.map(({ format }) => format)).toEqual(['mp3', 'pcm', 'ogg-opus', 'speex']);
    expect(it.requests[0]?.audio).toEqual({ filePath: 'wxfile://tmp/a.mp3', sizeBytes: 1_000 });
  });

  test.each([
    ['too large', chosen('a.wav', 2_359_300)],
    ['of no kind that is known', chosen('a.txt')],
    ['without an extension', chosen('wav')],
  ])('that is %s is refused before anything is sent', async (_, file) => {
    const it = rig();
    await it.model.recognizeFile(file);
    expect(it.view()).toMatchObject({ phase: 'failed', problem: { retry: false } });
    expect(it.requests).toEqual([]);
  });
});
