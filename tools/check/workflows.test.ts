import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../root.ts';
import { dependabotProblems, githubProblems, type Surroundings, workflowProblems } from './workflows.ts';

const read = (name: string): string => readFileSync(`${ROOT}.github/${name}`, 'utf8');

test('the files for GitHub as they are have no problems', async () => {
  expect(await githubProblems()).toEqual([]);
});

describe('a workflow', () => {
  const texts: Record<string, string> = {
    ci: read('workflows/ci.yml'),
    release: read('workflows/release.yml'),
    docs: read('workflows/docs.yml'),
  };
  const surroundings: Surroundings = {
    scripts: new Set(['build', 'docs:site', 'release-notes', 'test:image']),
    exists: (path) => path === '.ci/run',
  };
  const problemsOf = (text: string): string[] => workflowProblems('a.yml', text, surroundings);
  const COMMIT = '3d3c42e5aac5ba805825da76410c181273ba90b1';

  test.each([
    ['that is no YAML', 'ci', 'jobs:', 'jobs: {', 'a.yml'],
    [
      'with a key twice',
      'ci',
      '    timeout-minutes: 60',
      '    timeout-minutes: 60\n    timeout-minutes: 6',
      'unique',
    ],
    ['with a key that GitHub does not know', 'ci', 'runs-on:', 'run-on:', 'runs-on'],
    ['without a limit of time', 'ci', '    timeout-minutes: 20\n', '', 'timeout-minutes'],
    ['with an action by its tag', 'ci', `@${COMMIT} # v7.0.1`, '@v7', '提交号'],
    ['with an action without its version', 'ci', `@${COMMIT} # v7.0.1`, `@${COMMIT}`, '注释版本'],
    ['with a script that is not there', 'ci', 'npm run test:image', 'npm run test:images', 'test:images'],
    ['with a program that is not there', 'ci', 'run: .ci/run', 'run: .ci/runs', '.ci/runs'],
    ['that may write everywhere', 'ci', 'contents: read', 'contents: write', '默认只读'],
    [
      'that runs strangers’ code with rights',
      'ci',
      'pull_request:',
      'pull_request_target:',
      'pull_request_target',
    ],
    [
      'that puts an expression into a script',
      'release',
      '"$GITHUB_REF_NAME" > notes',
      '"\u0024{{ github.ref_name }}" > notes',
      '表达式',
    ],
    [
      'that waits for a job that is not there',
      'release',
      'needs: [test, build]',
      'needs: [tests, build]',
      'tests',
    ],
    [
      'that may write and runs the repository’s code',
      'release',
      '- uses: actions/download-artifact@',
      '- uses: actions/checkout@',
      '可以写',
    ],
    [
      'that may publish pages and runs the repository’s code',
      'docs',
      '- uses: actions/deploy-pages@',
      '- uses: actions/checkout@',
      '可以写',
    ],
    ['that may write more than pages', 'docs', 'pages: write', 'packages: write', 'packages'],
  ])('%s is found', (_, name, from, to, mention) => {
    const text = texts[name] as string;
    expect(problemsOf(text)).toEqual([]);
    expect(text).toContain(from);
    expect(problemsOf(text.replace(from, to)).join('\n')).toContain(mention);
  });
});

describe('Dependabot', () => {
  const text = read('dependabot.yml');
  const EXAMPLES = ['/examples/native-ts', '/examples/taro', '/examples/uni-app', '/examples/weapp-vite'];
  const TOOLS = ['/tools/deploy/manager-node', '/tools/deploy/real-tools', '/tools/docs-site'];
  const LOCKED = ['/', ...EXAMPLES, ...TOOLS];

  test.each([
    ['a lock file that nobody updates', '', '', [...LOCKED, '/tools/z'], `应为 ${LOCKED},/tools/z`],
    ['a kind that is left out', 'package-ecosystem: docker', 'package-ecosystem: npm', LOCKED, 'docker'],
    ['a key that it does not know', 'interval: weekly', 'every: week', LOCKED, 'interval'],
  ])('%s is found', (_, from, to, folders, mention) => {
    expect(dependabotProblems('a.yml', text, LOCKED)).toEqual([]);
    expect(dependabotProblems('a.yml', text.replace(from, to), folders).join('\n')).toContain(mention);
  });
});
