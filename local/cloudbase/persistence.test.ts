import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  connect,
  type Database,
  ENV_ID,
  RC_PATH,
  refusal,
  SECRETS,
  startTestGateway,
  temporaryFolder,
} from './testing/start.ts';

const MAIN = fileURLToPath(new URL('./testing/main.ts', import.meta.url));

interface Running {
  child: ChildProcess;
  db: Database;
  url: string;
}

async function spawnGateway(dataDir: string): Promise<Running> {
  const options = JSON.stringify({ dataDir, rcPath: RC_PATH, envId: ENV_ID, secrets: SECRETS });
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { ...process.env, LOCAL_CLOUDBASE: options },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string };
  expect(ready).toBe(true);
  return { child, url, db: connect(`${url}/admin`).database() };
}

/** Writes until the gateway is gone, and notes the numbers of the acknowledged writes. */
async function writePairs(db: Database, from: number, acknowledged: number[]): Promise<void> {
  try {
    for (let n = from; ; n += 2) {
      await db.collection('notes').add({ _id: `single-${n}`, n });
      acknowledged.push(n);
      const transaction = await db.startTransaction();
      await transaction.collection('notes').add({ _id: `left-${n}`, n });
      await transaction.collection('notes').add({ _id: `right-${n}`, n });
      await transaction.commit();
      acknowledged.push(n + 1);
    }
  } catch (cause) {
    expect(String((cause as Error).message)).toMatch(/ECONNRE|socket hang up/);
  }
}

it('kill -9 in the middle of writes loses no acknowledged write and leaves no half transaction', async () => {
  const dataDir = await temporaryFolder();
  const acknowledged: number[] = [];
  for (let round = 1; round <= 2; round++) {
    const { child, db } = await spawnGateway(dataDir);
    const writers = [0, 1, 2].map((i) => writePairs(db, round * 1e6 + i * 1e5, acknowledged));
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(round * 40), {
      timeout: 40_000,
      interval: 3,
    });
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await Promise.all([exited, ...writers]);
  }
  const gateway = await startTestGateway({ dataDir });
  const kept = new Set(gateway.dump('notes').map(({ _id }) => String(_id)));
  const expected = acknowledged.flatMap((n) =>
    n % 2 === 0 ? [`single-${n}`] : [`left-${n - 1}`, `right-${n - 1}`],
  );
  expect(expected.filter((id) => !kept.has(id))).toEqual([]);
  const halves = (side: string): string[] =>
    [...kept].filter((id) => id.startsWith(side)).map((id) => id.slice(side.length));
  expect(halves('left-').sort()).toEqual(halves('right-').sort());
}, 90_000);

it('SIGTERM ends the process with status 0, and everything is there at the next start', async () => {
  const dataDir = await temporaryFolder();
  const first = await spawnGateway(dataDir);
  await first.db.createCollection('made_at_run_time');
  await first.db.collection('made_at_run_time').add({ _id: 'x', at: new Date(1) });
  first.child.kill('SIGTERM');
  expect(await once(first.child, 'exit')).toEqual([0, null]);

  const second = await startTestGateway({ dataDir });
  expect(second.dump('made_at_run_time')).toEqual([{ _id: 'x', at: new Date(1) }]);
});

it('files are kept with the documents', async () => {
  const dataDir = await temporaryFolder();
  const first = await startTestGateway({ dataDir, keep: true });
  const { fileID } = await connect(first.adminUrl).uploadFile({
    cloudPath: 'voice/oLocalUserA/录音 1.wav',
    fileContent: Buffer.from('sound'),
  });
  await first.stop();
  const second = await startTestGateway({ dataDir });
  const { fileContent } = await connect(second.adminUrl).downloadFile({ fileID });
  expect(String(fileContent)).toBe('sound');
});

it('a data folder in use is refused', async () => {
  const dataDir = await temporaryFolder();
  await startTestGateway({ dataDir });
  expect(await refusal(startTestGateway({ dataDir }))).toContain('正被进程');
});

it('stored documents that break a unique index added later are named at the start', async () => {
  const dataDir = await temporaryFolder();
  const first = await startTestGateway({ dataDir, keep: true });
  await connect(first.adminUrl)
    .database()
    .collection('plain')
    .add([{ k: 1 }, { k: 1 }]);
  await first.stop();
  const rcPath = `${dataDir}/cloudbaserc.json`;
  const index = { name: 'by_k', unique: true, keys: [{ name: 'k', direction: '1' }] };
  const collections = [{ collectionName: 'plain', createIndexes: [index] }];
  await writeFile(
    rcPath,
    JSON.stringify({ framework: { plugins: { database: { inputs: { collections } } } } }),
  );
  expect(await refusal(startTestGateway({ dataDir, rcPath }))).toMatch(/plain.*by_k/);
});
