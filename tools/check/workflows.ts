import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { ROOT } from '../root.ts';
import { dependabotSchema, type Workflow, workflowSchema } from './workflow-schema.ts';

const FOLDER = '.github';
const NPM_SCRIPT = /\bnpm (?:run (?:-s )?([\w:-]+)|(test|start)\b)/g;
/** A program of the repository. */
const OWN_PROGRAM = /(?:^|\s)(\.{1,2}\/[\w./-]+|\.ci\/\w+)/g;
/** The version that a commit belongs to, for people; Dependabot keeps it up to date. */
const PINNED_LINE = /^\s*-? ?uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

export interface Surroundings {
  /** Of package.json. */
  scripts: ReadonlySet<string>;
  exists(path: string): boolean;
}

function parsed<T extends v.GenericSchema>(
  schema: T,
  text: string,
): { output: v.InferOutput<T> } | { problems: string[] } {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) return { problems: document.errors.map(({ message }) => message) };
  const result = v.safeParse(schema, document.toJS());
  if (result.success) return { output: result.output };
  return { problems: result.issues.map((issue) => `${v.getDotPath(issue) ?? ''}：${issue.message}`) };
}

/** What a workflow calls that is not there, what it may do that it need not, and actions that can change under its hands. */
export function workflowProblems(file: string, text: string, { scripts, exists }: Surroundings): string[] {
  const read = parsed(workflowSchema, text);
  if ('problems' in read) return read.problems.map((problem) => `${file}：${problem}`);
  const problems = text
    .split('\n')
    .filter((line) => /^\s*-? ?uses:/.test(line) && !PINNED_LINE.test(line))
    .map((line) => `「${line.trim()}」后面应注释版本：# v1.2.3`);
  const { jobs } = read.output;
  for (const [name, job] of Object.entries(jobs)) {
    for (const needed of job.needs ?? [])
      if (!(needed in jobs)) problems.push(`任务 ${name} 等待的 ${needed} 不存在`);
    if (Object.values(job.permissions ?? {}).includes('write') && usesOwnCode(job))
      problems.push(`任务 ${name} 可以写，不应取出仓库里的代码来运行`);
    for (const command of commandsOf(job)) {
      for (const [, run, shorthand] of command.matchAll(NPM_SCRIPT))
        if (!scripts.has(run ?? shorthand ?? ''))
          problems.push(`package.json 里没有脚本 ${run ?? shorthand}`);
      for (const [, program = ''] of command.matchAll(OWN_PROGRAM))
        if (!program.startsWith('./dist/') && !exists(program)) problems.push(`没有 ${program}`);
    }
  }
  return problems.map((problem) => `${file}：${problem}`);
}

type Job = Workflow['jobs'][string];

const commandsOf = ({ steps }: Job): string[] => steps.flatMap((step) => ('run' in step ? [step.run] : []));
const usesOwnCode = ({ steps }: Job): boolean =>
  steps.some((step) => 'uses' in step && step.uses.startsWith('actions/checkout@'));

/** Folders that nobody keeps up to date, and those that are not there. @param lockFolders where a package-lock.json is */
export function dependabotProblems(file: string, text: string, lockFolders: readonly string[]): string[] {
  const read = parsed(dependabotSchema, text);
  if ('problems' in read) return read.problems.map((problem) => `${file}：${problem}`);
  const foldersOf = (ecosystem: string): string =>
    read.output.updates
      .filter((update) => update['package-ecosystem'] === ecosystem)
      .flatMap(({ directories }) => directories)
      .sort()
      .join();
  const expected: [ecosystem: string, folders: readonly string[]][] = [
    ['npm', lockFolders],
    ['github-actions', ['/']],
    // the Dockerfile
    ['docker', ['/']],
  ];
  return expected
    .filter(([ecosystem, folders]) => foldersOf(ecosystem) !== [...folders].sort().join())
    .map(([ecosystem, folders]) => `${file}：${ecosystem} 的 directories 应为 ${[...folders].sort()}`);
}

/** Folders with a lock file, as Dependabot writes them: `/`, `/tools/deploy`. */
async function lockFolders(folder = ''): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const inner = entries.filter(
    (entry) => entry.isDirectory() && !/^(?:node_modules|dist|\.(?!github).*)$/.test(entry.name),
  );
  const below = await Promise.all(inner.map(({ name }) => lockFolders(`${folder}/${name}`)));
  const own = entries.some(({ name }) => name === 'package-lock.json') ? [folder || '/'] : [];
  return [...own, ...below.flat()];
}

/** Problems of every YAML file for GitHub. */
export async function githubProblems(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const surroundings: Surroundings = {
    scripts: new Set(Object.keys(scripts)),
    exists: (path) => existsSync(join(ROOT, path)),
  };
  const names = (await readdir(join(ROOT, FOLDER), { recursive: true })).filter((name) =>
    /\.ya?ml$/.test(name),
  );
  const problems = await Promise.all(
    names.map(async (name) => {
      const file = `${FOLDER}/${name}`;
      const text = await readFile(join(ROOT, file), 'utf8');
      if (name.startsWith('workflows/')) return workflowProblems(file, text, surroundings);
      if (name === 'dependabot.yml') return dependabotProblems(file, text, await lockFolders());
      return parseDocument(text, { uniqueKeys: true }).errors.map(({ message }) => `${file}：${message}`);
    }),
  );
  return problems.flat();
}
