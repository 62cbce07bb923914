import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspectModelFolder } from './model-folder.ts';

/** Where `npm run asr-model` puts models, one folder each; a name that begins with a dot is not a finished one. */
export const modelsFolder = (dataDir: string): string => join(dataDir, 'models');

export type InstalledModel =
  | { folder: string; problem: undefined }
  /** Why it cannot be used, for people. */
  | { folder: string; problem: string };

/** The model of a data folder that was installed last; undefined: there is none. */
export function newestModel(dataDir: string): InstalledModel | undefined {
  const root = modelsFolder(dataDir);
  let names: string[];
  try {
    names = readdirSync(root).filter((name) => !name.startsWith('.'));
  } catch {
    return undefined;
  }
  const folder = names
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isDirectory())
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (folder === undefined) return undefined;
  try {
    inspectModelFolder(folder);
    return { folder, problem: undefined };
  } catch (error) {
    return { folder, problem: (error as Error).message };
  }
}
