import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_PORT } from '../../container/src/config.ts';
import { ROOT } from '../root.ts';
import type { DeployConfig } from './deploy-schema.ts';
import { type PortSources, portProblems, repositoryPorts } from './port.ts';

const dockerfile = readFileSync(`${ROOT}Dockerfile`, 'utf8');
const rcText = readFileSync(`${ROOT}cloudbaserc.json`, 'utf8');
const rc = JSON.parse(rcText) as DeployConfig;

const problems = (changed: Partial<PortSources>): string[] =>
  portProblems({ fallback: DEFAULT_PORT, dockerfile, rc, documents: new Map(), ...changed });
const inDocument = (text: string): string[] => problems({ documents: new Map([['docs/a.md', text]]) });
const block = (command: string): string => `运行：\n\n\`\`\`bash\n${command}\n\`\`\`\n`;

test('every place of this repository has the same port', async () => {
  expect(await repositoryPorts(rc)).toEqual([]);
});

test('a default of the container that the others do not follow is found in each of them', () => {
  const places = problems({ fallback: 3000 }).map((problem) => problem.split('：')[0]);
  expect(places).toEqual(['Dockerfile', 'Dockerfile', 'cloudbaserc.json']);
});

test.each([
  ['the variable', 'PORT=8080', 'PORT=80', 'ENV PORT 是 80'],
  ['the variable that is left out', ' PORT=8080', '', 'ENV PORT 没有写'],
  ['the exposed port', 'EXPOSE 8080', 'EXPOSE 80', 'EXPOSE 是 80'],
  ['no exposed port', 'EXPOSE 8080', '', 'EXPOSE 没有写'],
])('in the Dockerfile %s is found', (_, from, to, mention) => {
  expect(dockerfile).toContain(from);
  const found = problems({ dockerfile: dockerfile.replace(from, to) });
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(mention);
});

test('another containerPort is found', () => {
  const other = JSON.parse(rcText.replace('"containerPort": 8080', '"containerPort": 80')) as DeployConfig;
  expect(problems({ rc: other }).join()).toContain('containerPort 是 80');
});

test.each([
  ['deploys to another port', block('tcb cloudrun deploy -e $E -s a --port 80 --force'), '--port 是 80'],
  ['leaves the port to the CLI', block('tcb cloudrun deploy -e $E -s a --force'), '--port 没有写'],
  ['leaves it out over several lines', block('tcb cloudrun deploy \\\n  -e $E \\\n  --force'), '没有写'],
  ['does so within a line', '用 `tcb cloudrun deploy -s a` 更新', '--port 没有写'],
  [
    'gives the older command another port',
    block('tcb run deploy --containerPort 80'),
    '--containerPort 是 80',
  ],
  ['publishes another port', block('docker run --rm -p 8080:80 realtime-voice'), '-p 主机:容器 是 80'],
  ['sets the variable', '再加 `PORT=80`', 'PORT= 是 80'],
  ['has a proxy to another port', block('server 127.0.0.1:3000;'), 'upstream 是 3000'],
])('a document that %s is found', (_, text, mention) => {
  const found = inDocument(text);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^docs\/a\.md：/);
  expect(found[0]).toContain(mention);
});

test.each([
  ['names the command', '`tcb cloudrun deploy` 不写 `--port` 时用 80'],
  ['gives the right port, over several lines', block('tcb cloudrun deploy -e $E \\\n  --port 8080')],
  ['publishes the right port on another of the host', block('docker run -p 127.0.0.1:9000:8080 a')],
  ['speaks of other ports', '`PORT=3001 npm start`、`METRICS_PORT=9400`，监听 80 端口'],
])('a document that %s is in order', (_, text) => {
  expect(inDocument(text)).toEqual([]);
});
