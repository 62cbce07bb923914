import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../root.ts';
import { EXAMPLES, OWN_PACKAGES, sourceOf } from './examples.ts';

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

test('every mini-program in examples/ is built and run', () => {
  const folders = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .map(({ name }) => name)
    .filter((name) => existsSync(join(ROOT, 'examples', name, 'project.config.json')) || name === 'uni-app');
  expect(folders.sort()).toEqual(EXAMPLES.map(({ name }) => name).sort());
});

test.each(EXAMPLES)(
  'examples/$name wants the packages as they are published now, and pins all others',
  (example) => {
    const { version } = readJson(join(ROOT, 'package.json'));
    const { dependencies, devDependencies = {} } = readJson(join(sourceOf(example), 'package.json'));
    for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(range, name).toMatch(
        OWN_PACKAGES.some((own) => own === name) ? `^${version}` : /^\d+\.\d+\.\d+/,
      );
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...OWN_PACKAGES]));
    expect(existsSync(join(sourceOf(example), 'README.md'))).toBe(true);
  },
);
