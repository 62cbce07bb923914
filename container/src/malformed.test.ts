import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/random.ts';
import { MINI_PROGRAM_CLIENT } from '../testing/clients/mini-program.ts';
import { NATIVE_CLIENTS } from '../testing/clients/native.ts';
import { SOCKET_IO_CLIENTS } from '../testing/clients/socketio.ts';
import { Talk } from '../testing/clients/talk.ts';
import { COFFEE } from '../testing/contract/context.ts';
import { type Attack, attack } from '../testing/malformed/attack.ts';
import { FRAME_ATTACK, HTTP_ATTACK } from '../testing/malformed/bytes.ts';
import { messageAttack, PROTOCOLS } from '../testing/malformed/messages.ts';
import { requestJson } from '../testing/request-json.ts';
import { useService } from '../testing/service-suite.ts';
import { uniqueId } from '../testing/voice-client.ts';

/** `npm run test:full` asks for more. */
const COUNT = process.env.FULL ? 100_000 : 1_000;
const SEED = 'malformed-1';
const PROGRESS_EVERY = 10_000;
/** What the process may grow by: buffers and compiled code, but nothing for each message. */
const MAX_GROWTH_MB = 150;

const suite = useService({ DRAIN_MS: '500', DB_WRITES_PER_SECOND: '200' });
const HONEST = [MINI_PROGRAM_CLIENT, ...SOCKET_IO_CLIENTS, ...NATIVE_CLIENTS];
const ATTACKS: readonly Attack[] = [...PROTOCOLS.map(messageAttack), HTTP_ATTACK, FRAME_ATTACK];

const rssMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${suite.service.container.pid}/status`, 'utf8'))?.[1]) /
  1024;

const refusals = (): number => suite.service.log.filter((line) => line.includes('"msg":"refused"')).length;

/** Streams one recording after the other, each with another client, until told to stop. @returns what each became */
async function honestTexts(isOver: () => boolean): Promise<string[]> {
  const texts: string[] = [];
  do {
    const client = HONEST[texts.length % HONEST.length] as (typeof HONEST)[number];
    const ticket = await suite.service.ticket(`o${uniqueId()}`);
    const talk = new Talk(await client.connect(suite.service.url, { ticket }));
    await talk.start();
    talk.send(COFFEE);
    await talk.stop(COFFEE.endPos);
    talk.connection.close();
    texts.push(talk.text);
  } while (!isOver());
  return texts;
}

describe(`${COUNT} malformed`, () => {
  it.each(ATTACKS.map((one) => [one.name, one] as const))(
    '%s: nobody else notices, nothing is left, nothing unexpected is logged',
    async (name, one) => {
      const before = rssMb();
      const refusedBefore = refusals();
      const random = new Random(`${SEED}/${name}`);
      const context = {
        url: suite.service.url,
        random,
        ticketOf: () => suite.service.ticket(`oAttacker${random.int(1, 20)}`),
      };
      let over = false;
      const texts = honestTexts(() => over);
      try {
        for (let done = 0; done < COUNT; done += PROGRESS_EVERY) {
          const fork = random.fork(String(done));
          await attack(one, Math.min(PROGRESS_EVERY, COUNT - done), { ...context, random: fork });
          if (process.env.FULL)
            console.log(`${name}: ${done + PROGRESS_EVERY}/${COUNT}, ${Math.round(rssMb())} MB`);
        }
      } finally {
        over = true;
        await texts;
      }
      if (process.env.FULL) console.log(`${name}: ${(await texts).length} recordings beside it`);
      expect(new Set(await texts)).toEqual(new Set([COFFEE.text]));
      expect(suite.service.container.exitCode).toBeNull();
      expect(await requestJson(`${suite.service.url}/health`)).toMatchObject({
        body: { ok: true, faults: [] },
      });
      expect(rssMb() - before).toBeLessThan(MAX_GROWTH_MB);
      const severe = suite.service.log.filter(
        (line) => !line.startsWith('{') || JSON.parse(line).level >= 50,
      );
      expect(severe).toEqual([]);
      // Most is refused by the protocol's parser, and enough of it gets as far as what the service checks itself.
      if (PROTOCOLS.some((protocol) => protocol.name === name))
        expect(refusals() - refusedBefore).toBeGreaterThan(COUNT / 20);
    },
    process.env.FULL ? 1_800_000 : 60_000,
  );
});
