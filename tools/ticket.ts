/** `npm run ticket`: prints a ticket, for tools and for trying a deployed service. */
import { readArgs, runTool } from './cli.ts';
import { openidOf, ticketFor, ticketKeys } from './running.ts';

const USAGE = `用法：npm run -s ticket -- [选项]
  --user A|B      本地用户，默认 A
  --openid X      任意 openid（与 --user 二选一）
  --secret S      TICKET_SECRET；默认用本地云的（.local/secrets.json）
  --data DIR      本地云的数据目录，默认 .local`;

await runTool(USAGE, async (args) => {
  const { values } = readArgs({
    args,
    options: {
      user: { type: 'string', default: 'A' },
      openid: { type: 'string' },
      secret: { type: 'string' },
      data: { type: 'string' },
    },
  });
  const keys = ticketKeys(values.secret, values.data);
  const { ticket } = await ticketFor(values.openid ?? openidOf(values.user), keys);
  console.log(ticket);
});
