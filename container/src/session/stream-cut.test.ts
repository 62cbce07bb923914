import { describe, expect, it } from 'vitest';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { Rig } from '../../testing/rig.ts';
import { takenOver, talk, textOf, wordsOf } from '../../testing/talk.ts';
import type { AsrWord } from '../asr/types.ts';
import { RELAY_RULES } from '../upstream/rules.ts';

describe('a stream that is to end within a sentence', () => {
  /** Six words and the beginning of a pause. */
  async function upToAPause(rig: Rig) {
    const { session, peer } = await rig.start();
    rig.asr.newest.open();
    const pos = await talk(rig, session, peer, 5);
    return { session, peer, pos };
  }
  const final = { text: `${textOf(0, 6)}。`, final: true, startMs: 20, endMs: 4_380, words: wordsOf(0, 6) };

  it('on SIGTERM is ended in the next pause, and the next owner goes on with the sentence without hearing anything again', async () => {
    const one = new Rig();
    const { session, peer, pos } = await upToAPause(one);
    await one.speak(session, peer, pos, tone(400));
    const gone = one.manager.drain(8_000);
    expect(one.asr.newest.state).toBe('open');
    one.asr.newest.say({ ...final, text: textOf(0, 6), final: false });
    await one.speak(session, peer, pos + at(400), silence(400));
    one.asr.finishing.say(final);
    one.asr.finishing.finish();
    one.store.unavailable = true;
    await one.speak(session, peer, pos + at(800), silence(200));
    // While the record waits for the database no other stream is opened.
    await one.clock.advance(1_000);
    expect(one.asr.connections).toHaveLength(1);
    one.store.unavailable = false;
    await one.clock.advance(2_000);
    await gone;
    expect(peer.closed).toBe(true);
    const { peer: back, answer, two } = await takenOver(one);
    expect(back.shown).toEqual([final.text]);
    expect(answer).toMatchObject({ nextIndex: 0, committedPos: 0 });
    expect(answer.nextPos).toBeGreaterThan(pos + at(400));
    expect(answer.nextPos).toBeLessThan(pos + at(800));
    two.asr.newest.say({ text: '然后回来', final: true, startMs: 300, endMs: 900 });
    await two.clock.advance(500);
    expect(two.store.texts('session-1')).toEqual([`${final.text}然后回来`]);
  });

  it('because of its age is ended in a pause, and the next one, which is open by then, goes on with the sentence', async () => {
    const relayRules = { ...RELAY_RULES, planRolloverMs: 4_350, forceRolloverMs: 60_000 };
    const rig = new Rig({ deps: { relayRules } });
    const { session, peer, pos } = await upToAPause(rig);
    rig.asr.newest.say({ ...final, text: textOf(0, 6), final: false });
    const end = await rig.speak(session, peer, pos, joined(tone(400), silence(400)));
    const old = rig.asr.finishing;
    rig.asr.newest.open();
    old.say(final);
    old.finish();
    await rig.speak(session, peer, end, tone(400));
    expect(peer.shown).toEqual([final.text]);
    // All that was not sent to the old one, and what follows the middle of the pause.
    expect(rig.asr.newest.sentMs).toBeLessThan(1_200);
    const next = {
      text: '然后',
      startMs: 100,
      endMs: 500,
      words: [{ ...wordsOf(6, 7)[0], startMs: 100, endMs: 400 } as AsrWord],
    };
    rig.asr.newest.say({ ...next, final: false });
    expect(peer.shown).toEqual([`${final.text}然后`]);
    rig.asr.newest.say({ ...next, final: true });
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([`${final.text}然后`]);
  });

  it('is ended as before where the recogniser gives no word times', async () => {
    const relayRules = { ...RELAY_RULES, planRolloverMs: 4_350, forceRolloverMs: 60_000 };
    const rig = new Rig({ deps: { relayRules } });
    const { session, peer, pos } = await upToAPause(rig);
    rig.asr.newest.say({ text: textOf(0, 6), final: false });
    await rig.speak(session, peer, pos, joined(tone(400), silence(400)));
    const old = rig.asr.finishing;
    old.say({ ...final, words: [] });
    old.finish();
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([final.text]);
  });
});

it('a connection that was made ahead and is not needed is closed', async () => {
  const relayRules = { ...RELAY_RULES, planRolloverMs: 6_000 };
  const rig = new Rig({ deps: { relayRules } });
  const { session, peer } = await rig.start();
  rig.asr.newest.open();
  await rig.speak(session, peer, 0, silence(5_000));
  await rig.clock.advance(1_500);
  const old = rig.asr.finishing;
  const stopped = session.stop(at(5_000));
  old.finish();
  await rig.clock.advance(500);
  await stopped;
  expect(rig.asr.connections.map(({ state }) => state)).toEqual(['over', 'over']);
});
