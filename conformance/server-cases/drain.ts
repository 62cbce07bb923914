import { silence } from '../audio.ts';
import { recommended } from '../case.ts';
import { like, positive, that } from '../check.ts';
import { errorOf, newId, type ServerCase } from '../server-context.ts';
import { begin, CLIENT_ID, isText, resume, send, stop, textOf } from '../steps.ts';

/** What an instance may take beyond its deadline, for its last writes. */
const DRAIN_MARGIN_MS = 4_000;

export const DRAIN_CASES: ServerCase[] = recommended<ServerCase>([
  {
    name: 'an instance that goes says so, closes the connection in time, and the next one goes on',
    ids: ['R-DRAIN-1', 'R-DRAIN-3', 'R-RESUME-10'],
    needs: ['restart', 'speech'],
    alone: true,
    run: async ({ connect, server, speech }) => {
      const first = await connect();
      const { sessionId } = await begin(first);
      const half = Math.floor(speech.endPos / 2);
      send(first, speech, { untilPos: half });
      await first.next('progress', ({ nextPos }) => Number(nextPos) > 0);
      const restarted = server.restart?.();
      const { deadlineMs } = await first.next('draining');
      like('deadlineMs', deadlineMs, positive);
      await first.closed(Number(deadlineMs) + DRAIN_MARGIN_MS);
      await restarted;
      const second = await connect();
      const answer = await resume(second, sessionId);
      like('the answer', answer, { state: 'live', sessionId });
      send(second, speech, { fromPos: answer.nextPos });
      await stop(second, speech.endPos);
      isText(speech, textOf(first, second));
    },
  },
  {
    name: 'an instance that goes answers start with DRAINING',
    ids: ['R-DRAIN-2'],
    needs: ['restart', 'speech'],
    alone: true,
    run: async ({ connect, server, speech }) => {
      const [speaking, late] = [await connect(), await connect()];
      await begin(speaking);
      // into a sentence, so that the instance waits for its end
      send(speaking, speech, { untilPos: Math.floor(speech.endPos / 2) });
      await speaking.next('progress', ({ nextPos }) => Number(nextPos) > 0);
      const restarted = server.restart?.();
      await speaking.next('draining');
      const refusal = errorOf(await late.ask('start', { sessionId: newId(), clientId: CLIENT_ID }));
      like('the refusal', refusal, { code: 'DRAINING', retriable: true, retryAfterMs: positive });
      await restarted;
    },
  },
  {
    name: 'a session that waits for audio is told and closed, too',
    ids: ['R-DRAIN-1', 'R-DRAIN-3'],
    needs: ['restart'],
    alone: true,
    run: async ({ connect, server }) => {
      const first = await connect();
      const { sessionId } = await begin(first);
      first.audio(silence(200), { pos: 0 });
      await first.next('progress');
      const restarted = server.restart?.();
      await first.next('draining');
      await first.closed();
      await restarted;
      const second = await connect();
      const answer = await resume(second, sessionId);
      that('nextPos', answer.nextPos <= 3_200, answer.nextPos, '≤ 3,200');
      second.audio(silence(200), { pos: 0 });
      like('the end', await stop(second, 3_200), { durationMs: 200 });
    },
  },
]);
