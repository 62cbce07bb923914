/** `npm run ticket`: prints a ticket, for tools and for trying a deployed service. */
import { runTool } from './cli.ts';
import { DATA_OPTION, openidOf, ticketFor, ticketKeys } from './running.ts';

await runTool(
  {
    command: 'npm run -s ticket --',
    summary: '签发一张票据并打印，给工具用，或用来试已部署的服务',
    options: {
      user: { type: 'string', value: 'A|B', help: '本地用户，默认 A', default: 'A' },
      openid: { type: 'string', value: 'X', help: '任意 openid（与 --user 二选一）' },
      secret: {
        type: 'string',
        value: 'S',
        help: 'TICKET_SECRET；默认用本地云的（.local/secrets.json）',
      },
      data: DATA_OPTION,
    },
  },
  '正在签发',
  async ({ values }) => {
    const keys = ticketKeys(values.secret, values.data);
    const { ticket } = await ticketFor(values.openid ?? openidOf(values.user), keys);
    console.log(ticket);
  },
);
