import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { HistoryAnswers } from '../../../contract/functions.ts';
import { DataDeletion, type DeletionView } from './delete-all.ts';

type Answer = HistoryAnswers['deleteAll'];
const removed = (sessions: number, done = false): Answer => ({
  done,
  deleted: { sessions, pages: 0, days: 0, files: 0 },
});

/** A service that gives these answers in order; the last one stays. */
function rig(answers: (Answer | VoiceError)[], { recording = false, phone = async () => {} } = {}) {
  const views: DeletionView[] = [];
  const calls: string[] = [];
  const deletion = new DataDeletion({
    cloud: {
      history: async (action, request) => {
        calls.push(`${action} ${JSON.stringify(request)}`);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof VoiceError) throw answer;
        return answer as never;
      },
    },
    isRecording: () => recording,
    clearPhone: async () => {
      calls.push('phone');
      await phone();
    },
    show: (view) => views.push(view),
  });
  return { deletion, views, calls, states: () => views.map(({ state }) => state) };
}

describe('deleting all data', () => {
  test('goes on until the service says that nothing is left, and shows how far it is', async () => {
    const { deletion, views, calls, states } = rig([removed(0), removed(30), removed(12, true)]);
    await deletion.run();
    const call = 'deleteAll {"confirm":true}';
    expect(calls).toEqual(['phone', call, call, call]);
    expect(states()).toEqual(['running', 'running', 'running', 'done']);
    expect(views[2]?.text).toContain('30 条');
    expect(views.at(-1)?.text).toContain('42 条');
  });

  test('that fails midway says what is deleted and how to go on, and goes on when it is started again', async () => {
    const { deletion, views } = rig([removed(5), new VoiceError('STORE_UNAVAILABLE'), removed(7, true)]);
    await deletion.run();
    expect(views.at(-1)).toMatchObject({ state: 'failed' });
    expect(views.at(-1)?.text).toMatch(/还没有删完.*5 条.*继续删除/);
    await deletion.run();
    expect(views.at(-1)?.state).toBe('done');
    expect(views.at(-1)?.text).toContain('12 条');
  });

  test('deletes nothing in the cloud while this phone still keeps recordings that would be uploaded again', async () => {
    const phone = async () => {
      throw new Error('disk');
    };
    const { deletion, calls, states } = rig([removed(0, true)], { phone });
    await deletion.run();
    expect(calls).toEqual(['phone']);
    expect(states().at(-1)).toBe('failed');
  });

  test('does not start while a recording runs', async () => {
    const { deletion, calls, states } = rig([removed(0, true)], { recording: true });
    await deletion.run();
    expect([calls, states()]).toEqual([[], ['blocked']]);
  });

  test('runs once, however often it is tapped', async () => {
    const { deletion, calls } = rig([removed(1, true)]);
    await Promise.all([deletion.run(), deletion.run()]);
    expect(calls).toHaveLength(2);
  });

  test('ends where the service removes nothing any more', async () => {
    const { deletion, states, calls } = rig([removed(0)]);
    await deletion.run();
    expect(states().at(-1)).toBe('failed');
    expect(calls.length).toBeLessThan(30);
  });
});
