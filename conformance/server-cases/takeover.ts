import { silence } from '../audio.ts';
import { required } from '../case.ts';
import { equal, like } from '../check.ts';
import type { ServerCase } from '../server-context.ts';
import { begin, CLIENT_ID, fence, nextPosOf, refused, stop, undisturbed } from '../steps.ts';

const OTHER_CLIENT = 'client-0002';

/** Another client asks for the session of the first. */
const takeover = (sessionId: string, takeOver?: boolean) => ({
  sessionId,
  clientId: OTHER_CLIENT,
  resume: { haveIndex: -1, ...(takeOver !== undefined && { takeOver }) },
});

export const TAKEOVER_CASES: ServerCase[] = required<ServerCase>([
  {
    name: 'another client takes the session over, and the first is told',
    ids: ['R-TAKE-1'],
    run: async ({ connect }) => {
      const first = await connect();
      const { sessionId } = await begin(first);
      first.audio(silence(100), { pos: 0 });
      await fence(first);
      const second = await connect();
      like('the answer', await begin(second, takeover(sessionId)), { state: 'live', nextPos: 1_600 });
      like('what the first is told', await first.next('error'), { code: 'TAKEN_OVER', retriable: false });
      like('the end', await stop(second, 1_600), { durationMs: 100 });
    },
  },
  {
    name: 'a client that reconnects by itself takes nothing from another',
    ids: ['R-TAKE-2'],
    run: async ({ connect }) => {
      const first = await connect();
      const { sessionId } = await begin(first);
      const refusal = await refused(await connect(), 'start', takeover(sessionId, false));
      like('the refusal', refusal, { code: 'TAKEN_OVER', retriable: false });
      await undisturbed(first);
      first.audio(silence(100), { pos: 0 });
      like('the end', await stop(first, 1_600), { durationMs: 100 });
    },
  },
  {
    name: 'the former client does not get it back by reconnecting, but by asking to',
    ids: ['R-TAKE-1', 'R-TAKE-2'],
    run: async ({ connect }) => {
      const first = await connect();
      const { sessionId } = await begin(first);
      const second = await connect();
      await begin(second, takeover(sessionId));
      const back = { sessionId, clientId: CLIENT_ID, resume: { haveIndex: -1, takeOver: false } };
      like('by itself', await refused(await connect(), 'start', back), { code: 'TAKEN_OVER' });
      const asked = { ...back, resume: { haveIndex: -1, takeOver: true } };
      like('asked to', await begin(await connect(), asked), { state: 'live' });
      like('what the second is told', await second.next('error'), { code: 'TAKEN_OVER' });
    },
  },
  {
    name: 'a connection that lost its session has no effect on it any more',
    ids: ['R-TAKE-3'],
    run: async ({ connect }) => {
      const first = await connect();
      const { sessionId } = await begin(first);
      const second = await connect();
      await begin(second, takeover(sessionId));
      await first.next('error');
      first.audio(silence(500), { pos: 0 });
      first.say('stop', {});
      first.say('cancel');
      if (!first.ending) await fence(first);
      second.audio(silence(100), { pos: 0 });
      equal('received', await nextPosOf(second), 1_600);
      like('the end', await stop(second, 1_600), { durationMs: 100 });
    },
  },
]);
