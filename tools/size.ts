/** `npm run size`: bytes of the client, of what each entry of its package adds, and of other clients, minified and with gzip. */
import { writeFile } from 'node:fs/promises';
import { JSON_OPTION, runTool } from './cli.ts';
import { BADGES, badgeOf } from './size/badge.ts';
import { measureAll } from './size/measure.ts';

await runTool(
  {
    command: 'npm run -s size --',
    summary: '客户端与包里每个入口的字节数，与官方客户端、weapp.socket.io 并列；超过上限时以 1 退出',
    options: {
      json: JSON_OPTION,
      badges: { type: 'boolean', help: '重写两个包的 README 里的大小' },
    },
  },
  '正在打包',
  async ({ values }) => {
    const all = await measureAll();
    console.log('                       压缩后       gzip   上限');
    for (const { name, size, limit } of all) {
      const bytes = `${String(size.min).padStart(8)} B ${String(size.gzip).padStart(8)} B`;
      console.log(`${name.padEnd(18)} ${bytes}${limit ? `   ${limit.min} / ${limit.gzip}` : ''}`);
      if (!limit || (size.min <= limit.min && size.gzip <= limit.gzip)) continue;
      console.error(`${name} 超过上限：压缩后 ${limit.min} B，gzip ${limit.gzip} B`);
      process.exitCode = 1;
    }
    if (values.badges) for (const { file, measured } of BADGES) await writeFile(file, badgeOf(all, measured));
    if (values.json)
      console.log(JSON.stringify(Object.fromEntries(all.map(({ name, size }) => [name, size]))));
  },
);
