import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withDeclarations } from './declarations.ts';
import { type NpmPackage, writeNpmPackage } from './npm-package.ts';
import { voiceDeclarations } from './voice-types.ts';

const SOURCE = fileURLToPath(new URL('../miniprogram/voice', import.meta.url));
const COMPONENT = 'voice-recorder/voice-recorder';

const PACKAGE: NpmPackage = {
  name: 'cloudbase-voice',
  source: SOURCE,
  entries: { index: 'index.ts' },
  phoneEntries: { [COMPONENT]: `${COMPONENT}.ts` },
  phoneFiles: ['json', 'wxml', 'wxss'].map((ending) => `${COMPONENT}.${ending}`),
};

/**
 * Writes the package `cloudbase-voice`: its entry, and the component `<voice-recorder>` for 「构建 npm」.
 * @param folder of the package; where it is not the workspace, what is committed there is copied as well
 */
export async function buildVoice(folder: string = SOURCE): Promise<void> {
  const index = await withDeclarations(join(SOURCE, 'tsconfig.json'), voiceDeclarations);
  await writeNpmPackage(PACKAGE, folder, { index });
}
