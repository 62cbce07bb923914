/** `npm run call`: calls a cloud function of the running local cloud, as a user. */
import { isFunctionError } from '../contract/functions.ts';
import { readArgs, runTool, ToolError, UsageError } from './cli.ts';
import { openidOf, runningCloud } from './running.ts';

const USAGE = `用法：npm run -s call -- 函数名 ['JSON'] [--user A|B] [--data DIR]
例：  npm run -s call -- history '{"action":"list"}'
      npm run -s call -- stats '{"action":"today"}' --user B`;
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
    throw new ToolError(`调用没有得到应答：${(error as Error).message}`);
  }
}

await runTool(USAGE, async (args) => {
  const { values, positionals } = readArgs({
    args,
    allowPositionals: true,
    options: { user: { type: 'string', default: 'A' }, data: { type: 'string' } },
  });
  const [name, text = '{}', more] = positionals;
  if (!name || more !== undefined) throw new UsageError('需要一个函数名和至多一个 JSON 参数');
  openidOf(values.user);
  const data = jsonOf(text);
  const { gateway } = runningCloud(values.data);
  const answer = await call(`${gateway}/_local/call/${encodeURIComponent(name)}`, values.user, data);
  if ('error' in answer) throw new ToolError(answer.error.errMsg);
  if (!('result' in answer)) throw new ToolError(`${answer.code}：${answer.message}`);
  console.log(JSON.stringify(answer.result, null, 2));
  if (isFunctionError(answer.result)) process.exitCode = 1;
});
