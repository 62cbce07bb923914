/** `npm run call`: calls a cloud function of the running local cloud, as a user. */
import { isFunctionError } from '../contract/functions.ts';
import { UsageError } from '../lib/command-line.ts';
import { describeFailure, runTool, ToolError } from './cli.ts';
import { DATA_OPTION, openidOf, runningCloud } from './running.ts';

/** Above the longest time limit of a function (60 s). */
const TIMEOUT_MS = 70_000;

/** What the gateway answers: the function's result, or why there is none. */
type Answer = { result: unknown } | { error: { errMsg: string } } | { code: string; message: string };

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`参数不是合法的 JSON：${text}`);
  }
}

async function call(url: string, user: string, data: unknown): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-local-user': user },
      body: JSON.stringify(data),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return (await response.json()) as Answer;
  } catch (error) {
    throw new ToolError(`调用没有得到应答：${describeFailure(error)}`);
  }
}

await runTool(
  {
    command: 'npm run -s call --',
    summary: '以本地用户的身份调用运行中的本地云的一个云函数，打印它的应答',
    args: [
      { name: '函数名', help: 'ticket、history、stats 或 recognize' },
      { name: 'JSON', help: '函数的参数，默认 {}', optional: true },
    ],
    options: {
      user: { type: 'string', value: 'A|B', help: '本地用户，默认 A', default: 'A' },
      data: DATA_OPTION,
    },
    examples: [
      `npm run -s call -- history '{"action":"list"}'`,
      `npm run -s call -- stats '{"action":"today"}' --user B`,
    ],
  },
  '正在等待应答',
  async ({ values, args: [name = '', text = '{}'] }) => {
    openidOf(values.user);
    const data = jsonOf(text);
    const { gateway } = runningCloud(values.data);
    const answer = await call(`${gateway}/_local/call/${encodeURIComponent(name)}`, values.user, data);
    if ('error' in answer) throw new ToolError(`调用失败：${answer.error.errMsg}`);
    if (!('result' in answer)) throw new ToolError(`${answer.code}：${answer.message}`);
    console.log(JSON.stringify(answer.result, null, 2));
    if (isFunctionError(answer.result)) process.exitCode = 1;
  },
);
