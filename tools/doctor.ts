/** `npm run doctor`: whether this machine can run and deploy the service, or what is wrong with a service at an address. */
import { existsSync } from 'node:fs';
import { DEFAULT_SOCKET_IO_PATH } from '../contract/paths.ts';
import { UsageError } from '../lib/command-line.ts';
import { JSON_OPTION, runTool } from './cli.ts';
import { MACHINE_CHECKS } from './doctor/checks.ts';
import { examine } from './doctor/examine.ts';
import { REMOTE_CHECKS } from './doctor/remote/checks.ts';
import { targetOf } from './doctor/remote/options.ts';
import { reportOf, type Status } from './doctor/runner.ts';
import { DATA_OPTION } from './running.ts';

const DEFAULT_PORT = '3000';
const DEFAULT_IDLE_SECONDS = 90;
const MAX_IDLE_SECONDS = 3_600;

await runTool(
  {
    command: 'npm run -s doctor --',
    summary: '检查这台机器与设置；给出 URL 时检查那里的服务，从域名到识别，每个故障写明原因与办法',
    args: [
      {
        name: 'URL',
        help: '服务的地址，如 npm start 的 http://127.0.0.1:3000 或 https://服务域名',
        optional: true,
      },
    ],
    options: {
      ticket: { type: 'string', value: 'T', help: '身份票据（npm run ticket 可签发）' },
      secret: { type: 'string', value: 'S', help: '部署时的 TICKET_SECRET，由工具自己签发票据' },
      functions: {
        type: 'string',
        value: 'URL',
        help: '云函数「HTTP 访问服务」的域名；默认与服务的地址相同',
      },
      path: {
        type: 'string',
        value: 'P',
        help: 'Socket.IO 的路径，默认 /socket.io/；SOCKETIO_PATH 改过时才要给',
        default: DEFAULT_SOCKET_IO_PATH,
      },
      idle: {
        type: 'number',
        value: 'N',
        help: `空闲多少秒之后连接应当还在，默认 ${DEFAULT_IDLE_SECONDS}；0 为不检查`,
        min: 0,
        max: MAX_IDLE_SECONDS,
        fraction: true,
        default: DEFAULT_IDLE_SECONDS,
      },
      json: JSON_OPTION,
      port: {
        type: 'number',
        value: 'N',
        help: '没有 URL 时要检查的页面端口，默认 3000（或环境变量 PORT）',
        min: 0,
        max: 65_535,
      },
      data: DATA_OPTION,
      'asr-model': { type: 'string', value: 'DIR', help: '要检查的 sherpa-onnx 模型文件夹' },
    },
    examples: [
      'npm run -s doctor -- http://127.0.0.1:3000 --idle 20',
      'npm run -s doctor -- https://服务域名 --functions https://环境.service.tcloudbase.com --secret "$TICKET_SECRET"',
    ],
  },
  '正在检查',
  async ({ values, args: [url], progress }) => {
    if (existsSync('.env')) process.loadEnvFile('.env');
    if (url === undefined && (values.ticket || values.secret || values.functions))
      throw new UsageError('--ticket、--secret、--functions 要和 URL 一起用');
    const findings =
      url === undefined
        ? await examine(
            MACHINE_CHECKS,
            {
              port: values.port ?? Number(process.env.PORT || DEFAULT_PORT),
              dataDir: values.data,
              asrModel: values['asr-model'],
              env: process.env,
            },
            progress,
          )
        : await examine(REMOTE_CHECKS, await targetOf(url, values), progress);
    const count = (wanted: Status) => findings.filter(({ status }) => status === wanted).length;
    const [failed, warned] = [count('failed'), count('warned')];
    const toLookAt = warned === 0 ? '' : `，${warned} 处请留意`;
    if (url !== undefined) console.log((failed === 0 ? '没有发现故障' : `${failed} 个故障`) + toLookAt);
    if (values.json) console.log(JSON.stringify(reportOf(findings)));
    if (failed > 0) process.exitCode = 1;
  },
);
