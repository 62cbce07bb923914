import { LocalError } from 'cloudbase-voice';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
import { createCloud } from './cloud.ts';
import type { AudioSource, RecognizeProgress } from './recognition.ts';
import { FakeUploads, type StartedUpload } from './testing/fake-uploads.ts';

/** 64 KB of Base64. */
const SMALL_BYTES = 49_152;
const ID = 'session-0001';
const CLOUD_PATH = `voice/o/${ID}.wav`;
const ANSWER = { sessionId: ID, text: '你好', durationMs: 1_000 };

function rig() {
  const uploads = new FakeUploads();
  const clock = new FakeClock();
  const asked: object[] = [];
  /** What the function answers, by action; an Error: it is not reached. */
  const answers: Record<'prepare' | 'recognize', unknown> = {
    prepare: { cloudPath: CLOUD_PATH },
    recognize: ANSWER,
  };
  const cloud = createCloud({
    uploads,
    clock,
    async call(name, data) {
      expect(name).toBe('recognize');
      asked.push(data);
      const answer = answers[(data as { action?: 'prepare' }).action ?? 'recognize'];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const progress: (number | string)[] = [];
  const onProgress = (step: RecognizeProgress) =>
    void progress.push(step.stage === 'uploading' ? step.percent : step.stage);
  return {
    uploads,
    clock,
    asked,
    answers,
    progress,
    send: (audio: AudioSource) =>
      cloud.recognize({ sessionId: ID, format: 'wav', engine: '16k_zh', audio }, onProgress),
    /** The upload that is begun as the n-th. */
    async upload(n: number): Promise<StartedUpload> {
      await clock.until(() => uploads.started.length >= n);
      return uploads.started[n - 1] as StartedUpload;
    },
  };
}
const bytes = (count: number): AudioSource => ({ bytes: new ArrayBuffer(count) });

describe('a small recording', () => {
  test('goes along with the call as Base64', async () => {
    const it = rig();
    expect(await it.send({ bytes: Uint8Array.of(1, 2, 3, 4).buffer })).toBe(ANSWER);
    expect(it.asked).toEqual([{ sessionId: ID, format: 'wav', engine: '16k_zh', audio: 'AQIDBA==' }]);
    expect(it.progress).toEqual(['recognising']);
  });

  test('in a file is read, and the file is left alone', async () => {
    const it = rig();
    it.uploads.files.set('chosen', Uint8Array.of(1, 2, 3).buffer);
    await it.send({ filePath: 'chosen', sizeBytes: 3 });
    expect(it.asked).toMatchObject([{ audio: 'AQID' }]);
    expect([...it.uploads.files.keys()]).toEqual(['chosen']);
  });

  test('in a file that is gone fails in words, before anything is asked', async () => {
    const it = rig();
    const sent = it.send({ filePath: 'gone', sizeBytes: 3 });
    await expect(sent).rejects.toMatchObject({ code: 'UPLOAD_FAILED', detail: /no such file/ });
    expect(it.asked).toEqual([]);
  });

  test('ends at 64 KB of Base64: one byte more is uploaded', async () => {
    const it = rig();
    await it.send(bytes(SMALL_BYTES));
    expect(it.uploads.started).toEqual([]);
    const larger = it.send(bytes(SMALL_BYTES + 1));
    (await it.upload(1)).resolve('cloud://f');
    await larger;
  });
});

describe('a larger recording', () => {
  test('is uploaded to the place that the function names, and recognised from there', async () => {
    const it = rig();
    const sent = it.send(bytes(90_000));
    const upload = await it.upload(1);
    expect(it.asked).toEqual([{ action: 'prepare', sessionId: ID, format: 'wav' }]);
    expect(upload.cloudPath).toBe(CLOUD_PATH);
    expect(it.uploads.files.get(upload.filePath)?.byteLength).toBe(90_000);
    for (const percent of [40, 100]) upload.percent(percent);
    upload.resolve('cloud://f');
    expect(await sent).toBe(ANSWER);
    expect(it.asked[1]).toEqual({ sessionId: ID, format: 'wav', engine: '16k_zh', fileID: 'cloud://f' });
    expect(it.progress).toEqual([0, 0, 40, 100, 'recognising']);
    expect(it.uploads.files.size).toBe(0);
  });

  test('that is a file already is uploaded from where it lies, and stays there', async () => {
    const it = rig();
    it.uploads.files.set('chosen', new ArrayBuffer(90_000));
    const sent = it.send({ filePath: 'chosen', sizeBytes: 90_000 });
    const upload = await it.upload(1);
    expect(upload.filePath).toBe('chosen');
    upload.resolve('cloud://f');
    await sent;
    expect([...it.uploads.files.keys()]).toEqual(['chosen']);
  });

  test('whose upload fails is uploaded once more to the same place', async () => {
    const it = rig();
    const sent = it.send(bytes(90_000));
    (await it.upload(1)).reject({ errCode: -1, errMsg: 'uploadFile:fail' });
    const second = await it.upload(2);
    expect(second.cloudPath).toBe(CLOUD_PATH);
    expect(it.uploads.files.size).toBe(1);
    it.uploads.started[0]?.percent(99);
    second.percent(10);
    second.resolve('cloud://f');
    await sent;
    it.uploads.started[1]?.percent(100);
    expect(it.progress).toEqual([0, 0, 0, 10, 'recognising']);
    expect(it.asked).toHaveLength(2);
  });

  test('whose upload fails twice is UPLOAD_FAILED with the platform’s words, and leaves no file', async () => {
    const it = rig();
    const sent = it.send(bytes(90_000));
    const failed = expect(sent).rejects.toMatchObject({
      code: 'UPLOAD_FAILED',
      detail: '-403003 uploadFile:fail permission',
    });
    (await it.upload(1)).reject({ errCode: -1, errMsg: 'uploadFile:fail' });
    (await it.upload(2)).reject({ errCode: -403003, errMsg: 'uploadFile:fail permission' });
    await failed;
    expect(it.uploads.started.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(it.uploads.files.size).toBe(0);
    expect(it.asked).toHaveLength(1);
  });

  test('whose upload hangs is broken off, and tried once more', async () => {
    const it = rig();
    const sent = it.send(bytes(90_000));
    const first = await it.upload(1);
    await it.clock.advance(60_001);
    expect(first.aborted).toBe(true);
    (await it.upload(2)).resolve('cloud://f');
    expect(await sent).toBe(ANSWER);
  });

  test('is not tried again where that cannot help', async () => {
    const it = rig();
    const failed = expect(it.send(bytes(90_000))).rejects.toMatchObject({ code: 'CLOUD_NOT_READY' });
    (await it.upload(1)).reject(new LocalError('CLOUD_NOT_READY'));
    await failed;
    expect(it.uploads.started).toHaveLength(1);
  });

  test('may be sent again as a whole: the same id, the same place', async () => {
    const it = rig();
    it.answers.recognize = { code: 'ASR_BUSY', message: '', retriable: true };
    const first = it.send(bytes(90_000));
    const refused = expect(first).rejects.toMatchObject({ code: 'ASR_BUSY' });
    (await it.upload(1)).resolve('cloud://f');
    await refused;
    expect(it.uploads.files.size).toBe(0);
    it.answers.recognize = ANSWER;
    const again = it.send(bytes(90_000));
    (await it.upload(2)).resolve('cloud://f');
    expect(await again).toBe(ANSWER);
    expect(it.asked.slice(2)).toEqual(it.asked.slice(0, 2));
  });

  test.each([
    ['is refused', { code: 'UNAUTHENTICATED', message: '', retriable: false }, 'UNAUTHENTICATED'],
    ['cannot be reached', new Error('request:fail timeout'), 'NETWORK'],
  ])('is not written to the phone where its place %s', async (_, answer, code) => {
    const it = rig();
    it.answers.prepare = answer;
    await expect(it.send(bytes(90_000))).rejects.toMatchObject({ code });
    expect(it.uploads.started).toEqual([]);
    expect(it.uploads.files.size).toBe(0);
  });

  test('that does not fit on the phone fails in words', async () => {
    const it = rig();
    it.uploads.full = new Error('the maximum size of the file storage limit is exceeded');
    const sent = it.send(bytes(90_000));
    await expect(sent).rejects.toMatchObject({ code: 'UPLOAD_FAILED', detail: /maximum size/ });
  });

  test('is recognised though its temporary file cannot be removed', async () => {
    const it = rig();
    it.uploads.stuck = new Error('busy');
    const sent = it.send(bytes(90_000));
    (await it.upload(1)).resolve('cloud://f');
    expect(await sent).toBe(ANSWER);
  });
});
