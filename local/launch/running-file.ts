import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { isAlive } from '../cloudbase/storage/lock-file.ts';

const url = v.pipe(v.string(), v.regex(/^http:\/\/127\.0\.0\.1:\d+$/));
const runningSchema = v.object({
  /** Of the launcher. */
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** The page. */
  url,
  container: url,
  gateway: url,
  /** null: the real service. */
  asr: v.nullable(url),
  /** JSON with `ticketSecret`. */
  secretsFile: v.string(),
  /** Openids by user name. */
  users: v.record(v.string(), v.string()),
});
/** Where a running local cloud is found: `<data folder>/running.json`. */
export type RunningCloud = v.InferOutput<typeof runningSchema>;

const pathIn = (dataDir: string): string => join(dataDir, 'running.json');

/** The local cloud that runs on a data folder; undefined: none, or the file is of one that has ended. */
export function readRunning(dataDir: string): RunningCloud | undefined {
  let text: string;
  try {
    text = readFileSync(pathIn(dataDir), 'utf8');
  } catch {
    return undefined;
  }
  try {
    const running = v.parse(runningSchema, JSON.parse(text));
    return isAlive(running.pid) ? running : undefined;
  } catch {
    return undefined;
  }
}

export function writeRunning(dataDir: string, running: RunningCloud): void {
  const path = pathIn(dataDir);
  // In one step: a tool may read it at any time.
  writeFileSync(`${path}.new`, `${JSON.stringify(running, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

export function removeRunning(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}
