import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTicketKeys, signTicket, type Ticket, type TicketKeys } from '../contract/ticket.ts';
import { UsageError } from '../lib/command-line.ts';
import { LOCAL_USERS } from '../local/launch/options.ts';
import { type RunningCloud, readRunning } from '../local/launch/running-file.ts';
import { ToolError } from './cli.ts';

const DEFAULT_DATA_DIR = '.local';
/** Which local cloud a tool speaks to. */
export const DATA_OPTION = {
  type: 'string',
  value: 'DIR',
  help: '本地云的数据目录，默认 .local',
  default: DEFAULT_DATA_DIR,
} as const;

/** The local cloud that runs on a data folder. @throws ToolError when there is none */
export function runningCloud(dataDir = DEFAULT_DATA_DIR): RunningCloud {
  const running = readRunning(dataDir);
  if (!running)
    throw new ToolError(
      '没有找到运行中的本地云：请先在另一个终端运行 npm start（或用 --data 指定它的数据目录）',
    );
  return running;
}

/** @throws UsageError for a name that the local cloud does not know */
export function openidOf(user: string): string {
  const openid = Object.hasOwn(LOCAL_USERS, user) ? LOCAL_USERS[user] : undefined;
  if (openid === undefined)
    throw new UsageError(`没有本地用户 ${user}：可用的有 ${Object.keys(LOCAL_USERS).join('、')}`);
  return openid;
}

/** The keys that sign tickets: of `secret` if given, else of the local cloud's. @throws ToolError */
export function ticketKeys(secret: string | undefined, dataDir = DEFAULT_DATA_DIR): TicketKeys {
  try {
    return parseTicketKeys(secret ?? localSecret(dataDir));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`TICKET_SECRET 不可用：${(error as Error).message}`);
  }
}

function localSecret(dataDir: string): string {
  const path = join(dataDir, 'secrets.json');
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { ticketSecret: string }).ticketSecret;
  } catch {
    throw new ToolError(`读不到 ${path}：请先运行一次 npm start，或用 --secret 给出部署时的 TICKET_SECRET`);
  }
}

/** A ticket of a local user, or of any openid. */
export const ticketFor = (openid: string, keys: TicketKeys): Promise<Ticket> => signTicket(openid, keys);
