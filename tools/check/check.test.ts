import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deployProblems } from './deploy.ts';
import { ROOT } from './files.ts';
import { forbiddenImports } from './imports.ts';
import { unlockedPackages } from './lockfile.ts';

const imports = (path: string, ...specifiers: string[]): string[] =>
  forbiddenImports(path, specifiers.map((specifier) => `import { x } from '${specifier}';`).join('\n'));

describe('imports point one way', () => {
  test.each([
    ['container/src/main.ts', '../../local/start.ts'],
    ['functions/history/index.ts', '../../container/src/config.ts'],
    ['miniprogram/app.ts', '../container/src/config.ts'],
    ['miniprogram/app.ts', '../records/stats.ts'],
    ['contract/stream.ts', '../records/stats.ts'],
    ['records/stats.ts', '../container/src/clock.ts'],
    ['local/cloudbase/gateway.ts', '../../functions/shared/log.ts'],
    ['local/start.ts', '../tools/transcribe.ts'],
    ['container/src/server.ts', './testing/rig.ts'],
  ])('%s may not import %s', (path, specifier) => {
    expect(imports(path, specifier)).toHaveLength(1);
  });

  test('allowed ones pass, and tests may do anything', () => {
    expect(
      imports('container/src/main.ts', './config.ts', '../../contract/errors.ts', '../../records/stats.ts'),
    ).toEqual([]);
    expect(imports('local/cloudbase/http/local.ts', '../functions/host.ts')).toEqual([]);
    expect(imports('local/launch/local-cloud.ts', '../../compile/container.ts')).toEqual([]);
    expect(imports('container/src/main.test.ts', '../../local/start.ts')).toEqual([]);
  });

  test.each([
    "export * from '../../local/start.ts';",
    "const x = await import('../../local/start.ts');",
    "import '../../local/start.ts';",
    "import type { X } from '../../local/start.ts';",
    "const x = require('../../local/start.ts');",
  ])('whatever the form: %s', (source) => {
    expect(forbiddenImports('container/src/main.ts', source)).toHaveLength(1);
  });
});

describe('deployment', () => {
  const text = readFileSync(`${ROOT}cloudbaserc.json`, 'utf8');
  /** The project's own file with one thing changed. */
  const changed = (from: string, to: string): unknown => {
    expect(text).toContain(from);
    return JSON.parse(text.replace(from, to));
  };

  test('the file as it is has no problems', async () => {
    expect(await deployProblems(JSON.parse(text))).toEqual([]);
  });

  test.each([
    ['an unknown key', '"uploadType": "package"', '"uploadType": "package", "minNumber": 1', 'minNumber'],
    [
      'the repository itself is uploaded',
      '"localPath": "./dist/container"',
      '"localPath": "./"',
      'dist/container',
    ],
    ['a placeholder inside a value', '"{{env.TENCENT_APPID}}"', '"id-{{env.TENCENT_APPID}}"', '占位符'],
    ['a collection that nobody uses', '"voice_pages"', '"voice_pagez"', 'voice_pagez'],
    ['a function without a folder', '"name": "ticket"', '"name": "tickets"', 'tickets'],
    ['a port that differs', '"containerPort": 80', '"containerPort": 3000', 'PORT'],
    ['a plugin key that is not ours', '"container": {', '"container_": {', 'container'],
    ['no warm instance', '"minNum": 1', '"minNum": 0', 'minNum'],
    [
      'a variable that the container needs is missing',
      '"TENCENT_APPID": "{{env.TENCENT_APPID}}",',
      '',
      'TENCENT_APPID',
    ],
  ])('%s is found', async (_, from, to, mention) => {
    expect((await deployProblems(changed(from, to))).join('\n')).toContain(mention);
  });
});

test('the lock file must know every optional package, wherever npm would put it', () => {
  const packages = {
    '': { optionalDependencies: { here: '1' } },
    'node_modules/here': { optionalDependencies: { 'binary-a': '1', 'binary-b': '1', 'binary-c': '1' } },
    'node_modules/here/node_modules/binary-a': {},
    'node_modules/binary-b': {},
  };
  expect(unlockedPackages({ packages })).toHaveLength(1);
  expect(unlockedPackages({ packages })[0]).toContain('binary-c');
});
