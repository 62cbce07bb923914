/** `npm run samples:list [folder]`: rewrites phrases.json after a recording was added to samples/phrases or removed. */
import { resolve } from 'node:path';
import { writePhraseList } from '../../local/asr/phrases/phrase-list.ts';
import { runTool } from '../cli.ts';

await runTool(
  {
    command: 'npm run samples:list --',
    summary: '在 samples/phrases 里加了或删了录音之后，更新清单 phrases.json',
    args: [{ name: '文件夹', help: '默认 samples', optional: true }],
    options: {},
  },
  '正在读录音',
  async ({ args: [folder = 'samples'] }) => {
    const phrases = writePhraseList(resolve(folder));
    for (const { id, text, durationMs } of phrases)
      console.log(`${id}\t${(durationMs / 1000).toFixed(1)} 秒\t${text}`);
    console.log(`共 ${phrases.length} 条短语`);
  },
);
