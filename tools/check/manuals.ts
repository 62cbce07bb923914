import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMetrics } from '../../container/src/metrics.ts';
import { ERRORS } from '../../contract/errors.ts';
import { ROOT } from '../root.ts';

const OPERATIONS = 'docs/operations.md';
const SECURITY = 'docs/security.md';
/** Lines at these levels are worth knowing for whoever runs the service. */
const LOG_LINE = /\b(?:log|startLog)\s*\.(?:info|warn|error|fatal)\([^;]*?,\s*'([^']+)',?\s*\)/g;
/** Folders whose sources log. */
const LOGGING = ['container/src', 'functions'];
/** Tests that hold a promise: a path with one or several titles. */
const HELD_BY = /`([^`]+\.test\.ts)`((?:「[^」]+」)+)/g;
const TITLE = /「([^」]+)」/g;

/** Names of metrics, log lines and error codes that the page for operators lacks, and codes whose retriability it has wrong. */
export function operationsProblems(
  text: string,
  metrics: readonly string[],
  lines: readonly string[],
): string[] {
  const problems = [
    ...metrics.filter((name) => !new RegExp(`\`${name}[\`{]`).test(text)).map((name) => `没有指标 ${name}`),
    ...lines.filter((line) => !text.includes(`| \`${line}\` |`)).map((line) => `没有日志「${line}」`),
  ];
  for (const [code, { retriable }] of Object.entries(ERRORS))
    if (!text.includes(`| \`${code}\` | ${retriable ? '是' : '否'} |`))
      problems.push(`没有错误码 ${code}，或「重试」应为${retriable ? '是' : '否'}`);
  return problems.map((problem) => `${OPERATIONS}：${problem}`);
}

/**
 * Promises without a test, and tests that are not there.
 * @param sourceOf text of a file of the repository; undefined: there is none
 */
export function securityProblems(text: string, sourceOf: (path: string) => string | undefined): string[] {
  const problems: string[] = [];
  const promises = text.split('\n').filter((line) => /^\| (?!承诺 |-)/.test(line) && !/^\|-/.test(line));
  for (const promise of promises) {
    const held = [...promise.matchAll(HELD_BY)];
    if (held.length === 0) problems.push(`没有测试守住：${promise}`);
    for (const [, path = '', titles = ''] of held) {
      const source = sourceOf(path)?.replaceAll("\\'", "'");
      if (source === undefined) problems.push(`没有文件 ${path}`);
      else
        for (const [, title = ''] of titles.matchAll(TITLE))
          if (!source.includes(title)) problems.push(`${path} 里没有测试「${title}」`);
    }
  }
  return problems.map((problem) => `${SECURITY}：${problem}`);
}

/** What the container and the functions log at info and above, as their sources have it. */
export async function logLines(): Promise<string[]> {
  const listed = await Promise.all(
    LOGGING.map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(folder, name)),
    ),
  );
  const files = listed.flat().filter((name) => /(?<!\.test)\.ts$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(ROOT, name), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(LOG_LINE)].map(([, line = '']) => line));
}

/** Problems of docs/operations.md and docs/security.md. */
export async function manualProblems(): Promise<string[]> {
  const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
  const [operations, security] = await Promise.all([read(OPERATIONS), read(SECURITY)]);
  const metrics = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  const paths = [...security.matchAll(HELD_BY)]
    .map(([, path = '']) => path)
    .filter((path) => existsSync(join(ROOT, path)));
  const sources = new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)));
  return [
    ...operationsProblems(operations, metrics, await logLines()),
    ...securityProblems(security, (path) => sources.get(path)),
  ];
}
