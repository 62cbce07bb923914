import { DEFAULT_SOCKET_IO_PATH } from '../../contract/paths.ts';
import { ToolError } from '../cli.ts';
import { examine } from '../doctor/examine.ts';
import { REMOTE_CHECKS } from '../doctor/remote/checks.ts';
import { targetOf } from '../doctor/remote/options.ts';
import { accessTypesOf } from './description.ts';
import type { Cloud } from './manager.ts';
import type { DeployContext, Prepared } from './prepare.ts';

const NOT_FROM_HERE = [
  '容器只有小程序能访问，从这里连不到，所以没有检查：请在小程序里录一句试试。',
  '要逐项检查：在控制台「云托管 → 访问服务」临时打开公网访问，运行 npm run -s doctor -- https://服务域名 --secret "$TICKET_SECRET"，然后再运行 npm run deploy，它会关掉公网访问。',
];

/** Examines what was deployed, where it can be reached from here. @throws ToolError where something is wrong with it */
export async function checkService(
  cloud: Cloud,
  { description, values }: Prepared,
  { progress, print }: DeployContext,
): Promise<void> {
  const { container } = description;
  if (!accessTypesOf(container).includes('PUBLIC')) {
    for (const line of NOT_FROM_HERE) print(line);
    return;
  }
  const { BaseInfo } = await cloud.manager.cloudrun.detail({ serverName: container.serviceName });
  const domain = BaseInfo?.DefaultDomainName;
  if (!domain) {
    print(
      '云没有说容器的域名，没有检查：在控制台「云托管 → 访问服务」里找到它，运行 npm run -s doctor -- https://域名',
    );
    return;
  }
  const url = /^https?:/.test(domain) ? domain : `https://${domain}`;
  const target = await targetOf(url, {
    ticket: undefined,
    secret: values.TICKET_SECRET,
    functions: undefined,
    path: DEFAULT_SOCKET_IO_PATH,
    idle: 0,
    data: '.local',
  });
  print(`检查 ${url}：`);
  const findings = await examine(REMOTE_CHECKS, target, progress, print);
  const failed = findings.filter(({ status }) => status === 'failed').length;
  if (failed > 0)
    throw new ToolError(
      `部署完了，但检查发现 ${failed} 个故障：办法见上；要退回：npm run deploy -- --rollback`,
    );
}
