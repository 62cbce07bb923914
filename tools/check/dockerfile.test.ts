import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../root.ts';
import { dockerfileProblems, environmentOf, instructionsOf, nodeOptionsOf } from './dockerfile.ts';

const text = readFileSync(`${ROOT}Dockerfile`, 'utf8');

test('the Dockerfile as it is has no problems', () => {
  expect(dockerfileProblems(text)).toEqual([]);
});

test('instructions are read over several lines, without comments', () => {
  expect(instructionsOf('# RUN no\nRUN a \\\n  && b\n\nuser 1\n')).toEqual([
    { name: 'RUN', value: 'a    && b' },
    { name: 'USER', value: '1' },
  ]);
});

test.each([
  ['commands at the build', 'WORKDIR /app', 'WORKDIR /app\nRUN apt-get update \\\n && setcap a', 'RUN'],
  ['a second process', 'EXPOSE', 'HEALTHCHECK CMD node -e 1\nEXPOSE', 'HEALTHCHECK'],
  ['a base behind an argument', 'FROM node:24-bookworm-slim', 'ARG N=node:24\nFROM $N', 'FROM'],
  ['a base that is not slim', 'node:24-bookworm-slim', 'node:24-bookworm', 'FROM'],
  ['the whole folder', 'COPY package.json index.js ./', 'COPY . ./', 'COPY'],
  ['a user by name', 'USER 1000:1000', 'USER node', 'USER'],
  ['root', 'USER 1000:1000', '', 'USER'],
  ['a shell', 'ENTRYPOINT ["node",', 'ENTRYPOINT ["sh", "-c", "node",', 'ENTRYPOINT'],
  ['another signal', 'STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGKILL', 'STOPSIGNAL'],
])('%s is found', (_, from, to, mention) => {
  expect(text).toContain(from);
  const problems = dockerfileProblems(text.replace(from, to));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(mention);
});

test('tells how the image runs node', () => {
  const file =
    'FROM x\nENV A=1 B=two\n# ENV N=0\nENV C=d=e\nENTRYPOINT ["node", "--a", "--b=2", "index.js"]\n';
  expect(environmentOf(file)).toEqual({ A: '1', B: 'two', C: 'd=e' });
  expect(nodeOptionsOf(file)).toEqual(['--a', '--b=2']);
});
