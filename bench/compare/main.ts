/** `npm run bench:compare`: the same speech for several builds of the container, options of node or environments, at the same time. */
import { join, resolve } from 'node:path';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../../tools/cli.ts';
import { machineOf } from '../machine.ts';
import { compare, contenderOf, formatCompared } from './compare.ts';

/** It is also the name of the folder that the contender is built in. */
const NAME = /^[\w-]+$/;

await runTool(
  {
    command: 'npm run -s bench:compare --',
    summary:
      '几个构建好的容器，或几种 node 选项、环境变量，同时转发同样的语音：机器时快时慢，对谁都一样，所以百分之几的差别也看得出来。约一分半',
    options: {
      contender: {
        type: 'list',
        value: 'SPEC',
        help: '参加的：「名字」是这里的源码，「名字=index.js 的路径」，「名字=--node选项」，「名字=环境变量=值」；relay、socketio、published 是那三种服务。第一个是比较的基准',
      },
      streams: { type: 'number', value: 'N', help: '每个多少路，默认 80', min: 1, max: 300 },
      windows: { type: 'number', value: 'N', help: '测多少段，取中位数，默认 6', min: 1, max: 60 },
      seconds: { type: 'number', value: 'N', help: '每段多少秒，默认 8', min: 1, max: 60 },
      'warm-up': { type: 'number', value: 'N', help: '之前说多少秒，默认 30', min: 1, max: 600 },
      data: {
        type: 'string',
        value: 'DIR',
        help: '构建放在哪里',
        default: join('.local', 'bench-compare'),
      },
      json: JSON_OPTION,
    },
  },
  '正在构建并启动',
  async ({ values, progress }) => {
    const contenders = values.contender.map(contenderOf);
    const names = new Set(contenders.map(({ name }) => name).filter((name) => NAME.test(name)));
    if (contenders.length < 2 || names.size < contenders.length)
      throw new ToolError(
        '--contender 至少要两个，名字不同，由字母、数字与 - 组成，例如 --contender now --contender old=/tmp/old/index.js',
      );
    const options = {
      folder: resolve(values.data),
      streams: values.streams ?? 80,
      windows: values.windows ?? 6,
      windowMs: (values.seconds ?? 8) * 1_000,
      warmUpMs: (values['warm-up'] ?? 30) * 1_000,
    };
    const compared = await compare(contenders, options, (what) => progress.step(`正在测量：${what}`));
    progress.end();
    console.log(`${machineOf()}\n\n${formatCompared(compared)}`);
    if (values.json) console.log(JSON.stringify(compared));
    const [against] = compared.flatMap(({ name, against: reasons }) =>
      reasons.map((why) => `${name}：${why}`),
    );
    if (against !== undefined) throw new ToolError(`不作数：${against}`);
  },
);
await exitWhenWritten();
