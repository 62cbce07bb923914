import { expect, test, vi } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { Progress } from '../progress.ts';
import { type Description, describe, readRc } from './description.ts';
import type { Cloud } from './manager.ts';
import type { DeployContext, Prepared } from './prepare.ts';
import { checkService } from './service-check.ts';
import { VALUES } from './testing/recorded.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Checks a container that the cloud serves at `domain`. */
async function check(isPublic: boolean, domain: string | undefined) {
  const printed: string[] = [];
  const { container, ...others } = describe(readRc(), VALUES);
  const description: Description = { ...others, container: { ...container, isPublic } };
  const detail = async () => ({ BaseInfo: { DefaultDomainName: domain } });
  const failure = await checkService(
    { manager: { cloudrun: { detail } } } as unknown as Cloud,
    { description, values: VALUES } as unknown as Prepared,
    {
      progress: new Progress(systemClock, () => {}),
      print: (line: string) => printed.push(line),
    } as unknown as DeployContext,
  ).catch((error: Error) => error.message);
  return { printed: printed.join('\n'), failure };
}

test('what only mini-programs reach is not examined, and it is said how it can be', async () => {
  const { printed, failure } = await check(false, 'http://127.0.0.1:1');
  expect(failure).toBeUndefined();
  expect(printed).toContain('小程序里录一句');
  expect(printed).toContain('npm run -s doctor -- https://');
});

test('what everybody reaches is examined, and what is wrong with it is an error', async () => {
  const { printed, failure } = await check(true, 'http://127.0.0.1:1');
  expect(printed).toContain('✗ TCP 连接');
  expect(failure).toContain('部署完了，但检查发现');
  expect(failure).toContain('--rollback');
  expect(printed).not.toContain(VALUES.TICKET_SECRET);
});

test('a service without a domain is told of', async () => {
  const { printed, failure } = await check(true, undefined);
  expect(failure).toBeUndefined();
  expect(printed).toContain('没有说容器的域名');
});
