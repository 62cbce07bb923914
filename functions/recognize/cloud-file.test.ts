import { describe, expect, test } from 'vitest';
import { uploadFolder } from '../../contract/functions.ts';
import { SESSIONS } from '../../contract/records.ts';
import { aWav } from '../shared/testing/audio.ts';
import { recognitionForTests } from '../shared/testing/functions-gateway.ts';
import { A, B } from '../shared/testing/records.ts';

const { asr, gateway } = await recognitionForTests(['recognize']);

const recognize = (data: object, openid = A) => gateway.as(openid)('recognize', data);

async function uploaded(cloudPath: string, fileContent = aWav()): Promise<string> {
  const { fileID } = await gateway.cloud.uploadFile({ cloudPath, fileContent });
  return fileID;
}
async function exists(fileID: string): Promise<boolean> {
  const { fileList } = await gateway.cloud.getTempFileURL({ fileList: [fileID] });
  const url = fileList[0]?.tempFileURL;
  return Boolean(url) && (await fetch(url ?? '')).ok;
}

describe('an upload', () => {
  const prepare = (data: object, openid = A) => recognize({ action: 'prepare', ...data }, openid);

  test("is prepared in the caller's own folder, and what lies there can be recognised", async () => {
    const { cloudPath } = await prepare({ sessionId: 'oneshot-1', format: 'wav' });
    expect(cloudPath).toBe(`${uploadFolder(A)}oneshot-1.wav`);
    const fileID = await uploaded(cloudPath);
    expect(await recognize({ sessionId: 'oneshot-1', fileID })).toMatchObject({ text: '你好，世界。' });
    expect(await exists(fileID)).toBe(false);
  });
  test('under the same id goes to the same place, and to another for another user', async () => {
    const asked = { sessionId: 'oneshot-1', format: 'ogg-opus' };
    expect(await prepare(asked)).toEqual({ cloudPath: `${uploadFolder(A)}oneshot-1.ogg` });
    expect(await prepare(asked)).toEqual({ cloudPath: `${uploadFolder(A)}oneshot-1.ogg` });
    expect(await prepare(asked, B)).toEqual({ cloudPath: `${uploadFolder(B)}oneshot-1.ogg` });
    expect(gateway.dump(SESSIONS)).toEqual([]);
  });
  test('that is sent again after its answer was lost gets that answer, and is deleted too', async () => {
    const { cloudPath } = await prepare({ sessionId: 'oneshot-1', format: 'wav' });
    const asked = { sessionId: 'oneshot-1', fileID: await uploaded(cloudPath) };
    const first = await recognize(asked);
    await uploaded(cloudPath);
    expect(await recognize(asked)).toEqual(first);
    expect(await exists(asked.fileID)).toBe(false);
    expect(asr.calls).toHaveLength(1);
  });
  test.each([
    ['sessionId', { format: 'wav' }],
    ['sessionId', { sessionId: '../../oUserB', format: 'wav' }],
    ['format', { sessionId: 'oneshot-1' }],
    ['format', { sessionId: 'oneshot-1', format: 'exe' }],
    ['format', { sessionId: 'oneshot-1', format: 'wav/../x' }],
  ])('without a proper %s is refused', async (detail, data) => {
    expect(await prepare(data)).toMatchObject({ code: 'BAD_REQUEST', detail });
  });
});

describe('a cloud file', () => {
  test("in the caller's folder is recognised and deleted", async () => {
    const fileID = await uploaded(`${uploadFolder(A)}录音 1.wav`);
    expect(await exists(fileID)).toBe(true);
    expect(await recognize({ fileID })).toMatchObject({ text: '你好，世界。', durationMs: 1_000 });
    expect(await exists(fileID)).toBe(false);
  });
  test('is deleted also where recognition fails or refuses', async () => {
    asr.answers = [{ Code: 'FailedOperation.ErrorRecognize' }];
    const broken = await uploaded(`${uploadFolder(A)}a.wav`);
    expect(await recognize({ fileID: broken })).toMatchObject({ code: 'ASR_BAD_AUDIO' });
    const unknown = await uploaded(`${uploadFolder(A)}b.wav`, Buffer.from('hello'));
    expect(await recognize({ fileID: unknown })).toMatchObject({ code: 'AUDIO_UNSUPPORTED' });
    const large = await uploaded(`${uploadFolder(A)}c.wav`, Buffer.alloc(2_400_000));
    expect(await recognize({ fileID: large })).toMatchObject({ code: 'TOO_LARGE' });
    for (const fileID of [broken, unknown, large]) expect(await exists(fileID)).toBe(false);
  });
  test('that is not there is not found', async () => {
    const fileID = (await uploaded(`${uploadFolder(A)}a.wav`)).replace('a.wav', 'other.wav');
    expect(await recognize({ fileID })).toMatchObject({ code: 'NOT_FOUND', detail: 'fileID' });
  });
  test('of another is neither read nor deleted, however the path is written', async () => {
    const theirs = await uploaded(`${uploadFolder(B)}secret.wav`);
    const root = theirs.slice(0, theirs.indexOf('voice/'));
    const tricks = [
      theirs,
      `${root}${uploadFolder(A)}../${B}/secret.wav`,
      `${root}${uploadFolder(A)}%2e%2e/${B}/secret.wav`,
      `${root}${uploadFolder(A)}..\\${B}\\secret.wav`,
      `${root}/${uploadFolder(B)}secret.wav`,
      `${root}${uploadFolder(A)}x.wav?/../../${B}/secret.wav`,
      `cloud://other-env.bucket/${uploadFolder(A)}x.wav`,
      `https://example.com/${uploadFolder(A)}x.wav`,
      '',
    ];
    for (const fileID of tricks) {
      expect([fileID, await recognize({ fileID })]).toEqual([
        fileID,
        expect.objectContaining({ code: 'FORBIDDEN' }),
      ]);
    }
    expect(await exists(theirs)).toBe(true);
    expect(asr.calls).toEqual([]);
  });
});
