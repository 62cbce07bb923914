/**
 * `npm run samples:list [folder]`: rewrites phrases.json after a recording was added to samples/phrases or removed.
 */
import { resolve } from 'node:path';
import { writePhraseList } from './phrase-list.ts';

const phrases = writePhraseList(resolve(process.argv[2] ?? 'samples'));
for (const { id, text, durationMs } of phrases)
  console.log(`${id}\t${(durationMs / 1000).toFixed(1)} 秒\t${text}`);
console.log(`共 ${phrases.length} 条短语`);
