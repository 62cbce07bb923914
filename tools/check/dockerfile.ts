/** One instruction, such as `EXPOSE` with `8080`. */
export interface Instruction {
  name: string;
  value: string;
}

/** The only instructions that the image needs. What is not here: `RUN`, `ADD`, `HEALTHCHECK` (a second process), `VOLUME`. */
const ALLOWED: ReadonlySet<string> = new Set([
  'FROM',
  'WORKDIR',
  'COPY',
  'ENV',
  'EXPOSE',
  'USER',
  'STOPSIGNAL',
  'ENTRYPOINT',
  'ARG',
  'LABEL',
]);
/** A name that Dependabot is able to raise: it does not look into `ARG`. */
const BASE_IMAGE = /^node:\d+(?:\.\d+)*-bookworm-slim$/;
/** The base image's user `node`. */
const USER = '1000:1000';
const ENTRYPOINT = /^\["node", (?:"--[\w=-]+", )*"index\.js"\]$/;
const COPIED = 'package.json index.js ./';

/** The instructions of a Dockerfile, in its order. */
export function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^\s*(\w+)\s+(.*?)\s*$/.exec(line) ?? [];
      return name && value ? [{ name: name.toUpperCase(), value }] : [];
    });
}

/** The values of all instructions of that name. */
export const valuesOf = (dockerfile: string, name: string): string[] =>
  instructionsOf(dockerfile)
    .filter((instruction) => instruction.name === name)
    .map(({ value }) => value);

/** The options with which the image runs node. */
export function nodeOptionsOf(dockerfile: string): string[] {
  const command = JSON.parse(valuesOf(dockerfile, 'ENTRYPOINT')[0] ?? '[]') as string[];
  return command.slice(1, -1);
}

/** The environment that the image gives node: `ENV NAME=value …`, without quotes. */
export const environmentOf = (dockerfile: string): Record<string, string> =>
  Object.fromEntries(
    valuesOf(dockerfile, 'ENV')
      .flatMap((value) => value.split(/\s+/))
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );

/**
 * Whether the image is small and can run with nothing but a user: the program's own files on a slim base, no commands at the
 * build, no shell as the first process.
 */
export function dockerfileProblems(dockerfile: string): string[] {
  const problems: string[] = [];
  const expect = (fine: boolean, problem: string): void => {
    if (!fine) problems.push(`Dockerfile：${problem}`);
  };
  const of = (name: string): string[] => valuesOf(dockerfile, name);
  for (const { name, value } of instructionsOf(dockerfile))
    expect(ALLOWED.has(name), `不应有 ${name} ${value}`);
  const [base, ...stages] = of('FROM');
  expect(
    stages.length === 0 && BASE_IMAGE.test(base ?? ''),
    'FROM 应直接写 node:版本-bookworm-slim，只有一个阶段',
  );
  expect(of('COPY').join() === COPIED, `COPY 应只有 ${COPIED}`);
  expect(of('USER').join() === USER, `USER 应为 ${USER}：写成名字时 Kubernetes 不能确认它不是 root`);
  expect(of('STOPSIGNAL').join() === 'SIGTERM', 'STOPSIGNAL 应为 SIGTERM');
  expect(
    ENTRYPOINT.test(of('ENTRYPOINT').join()),
    'ENTRYPOINT 应为 ["node", 选项……, "index.js"]，不经过 shell',
  );
  return problems;
}
