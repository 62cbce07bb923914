import { expect, test } from 'vitest';
import { uploadFolder } from '../../contract/functions.ts';
import { UPLOADS } from '../../contract/records.ts';
import { aWav } from '../shared/testing/audio.ts';
import { recognitionForTests } from '../shared/testing/functions-gateway.ts';
import { A } from '../shared/testing/records.ts';

const { gateway } = await recognitionForTests(['recognize', 'history']);

const DAY_MS = 86_400_000;
const call = (data: object) => gateway.as(A)('recognize', data);
const upload = async (cloudPath: string) =>
  (await gateway.cloud.uploadFile({ cloudPath, fileContent: aWav() })).fileID;
async function exists(fileID: string): Promise<boolean> {
  const { fileList } = await gateway.cloud.getTempFileURL({ fileList: [fileID] });
  const url = fileList[0]?.tempFileURL;
  return Boolean(url) && (await fetch(url ?? '')).ok;
}

test('a file is on record from when its path is given out until it is deleted', async () => {
  const asked = { action: 'prepare', sessionId: 'oneshot-1', format: 'wav' };
  const { cloudPath } = await call(asked);
  await call(asked);
  expect(gateway.dump(UPLOADS)).toMatchObject([{ _openid: A, cloudPath }]);
  await call({ sessionId: 'oneshot-1', fileID: await upload(cloudPath) });
  expect(gateway.dump(UPLOADS)).toEqual([]);
});

test('a file that nobody had recognised within a day is deleted by the timer', async () => {
  const { cloudPath } = await call({ action: 'prepare', sessionId: 'oneshot-1', format: 'wav' });
  const fileID = await upload(cloudPath);
  const never = { _openid: A, preparedAt: new Date(Date.now() - 2 * DAY_MS) };
  const old = await upload(`${uploadFolder(A)}oneshot-2.wav`);
  await gateway.seed(UPLOADS, [
    { ...never, _id: `${A}_oneshot-2.wav`, cloudPath: `${uploadFolder(A)}oneshot-2.wav` },
    // the file was never uploaded
    { ...never, _id: `${A}_oneshot-3.wav`, cloudPath: `${uploadFolder(A)}oneshot-3.wav` },
  ]);
  expect(await gateway.timer('history', 'purge')).toMatchObject({ files: 2 });
  expect(gateway.dump(UPLOADS)).toMatchObject([{ cloudPath }]);
  expect([await exists(fileID), await exists(old)]).toEqual([true, false]);
});
