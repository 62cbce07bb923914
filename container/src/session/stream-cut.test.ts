import { describe, expect, it } from 'vitest';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { Rig } from '../../testing/rig.ts';
import { speech, takenOver, talk, textOf, wordsOf } from '../../testing/talk.ts';
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

  it('because of its age holds audio back for no longer than the old one takes to finish', async () => {
    const FINISHES_AFTER_MS = 1_000;
    const relayRules = { ...RELAY_RULES, planRolloverMs: 4_350, forceRolloverMs: 60_000 };
    const rig = new Rig({ deps: { relayRules } });
    const { session, peer } = await rig.start();
    rig.asr.newest.open(rig.clock);
    const old = rig.asr.newest;
    let pos = await talk(rig, session, peer, 5);
    old.say({ ...final, text: textOf(0, 6), final: false });
    while (old.state === 'open') pos = await rig.speak(session, peer, pos, joined(tone(400), silence(400)));
    const endedAtMs = old.sent.at(-1)?.atMs ?? 0;
    rig.asr.newest.open(rig.clock);
    await rig.speak(session, peer, pos, tone(endedAtMs + FINISHES_AFTER_MS - rig.clock.now()));
    old.say(final);
    old.finish();
    await rig.clock.advance(100);
    const resumedAtMs = rig.asr.newest.sent[0]?.atMs ?? Number.POSITIVE_INFINITY;
    expect(resumedAtMs - endedAtMs).toBeLessThanOrEqual(FINISHES_AFTER_MS + 100);
    expect(resumedAtMs - endedAtMs).toBeLessThanOrEqual(1_500);
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

describe('a stream whose audio stops within a sentence', () => {
  const CUT_MS = 300;
  /** Six words, a pause behind each, and the beginning of the seventh: up to 4,800 + 300 ms. */
  async function upToAWord(rig: Rig) {
    const { session, peer } = await rig.start();
    rig.asr.newest.open();
    const pos = await rig.speak(session, peer, await talk(rig, session, peer, 6), tone(CUT_MS));
    rig.asr.newest.say({ text: `${textOf(0, 6)}燃`, final: false, words: cutWords() });
    return { session, peer, pos };
  }
  const cutWords = (): AsrWord[] => [
    ...wordsOf(0, 6),
    { text: '燃', startMs: 4_820, endMs: 5_080, stable: true },
  ];
  const cutFinal = () => ({
    text: `${textOf(0, 6)}，燃。`,
    final: true,
    startMs: 20,
    endMs: 5_080,
    words: cutWords(),
  });
  /** What the next stream hears, which begins in the pause behind the sixth word. */
  const rest = { text: '然后回来', final: true, startMs: 200, endMs: 1_600, words: [] };

  it('is ended before the recogniser needs silence; the next one goes on behind the last pause', async () => {
    const rig = new Rig();
    const { session, peer, pos } = await upToAWord(rig);
    const shown = peer.shown;
    await rig.clock.advance(RELAY_RULES.silenceAfterMs);
    const old = rig.asr.finishing;
    expect(old.sentMs).toBe(4_800 + CUT_MS);
    old.say(cutFinal());
    old.finish();
    // Nothing is heard again as long as there is no more audio, and what is shown stays.
    await rig.clock.advance(60_000);
    expect(rig.asr.connections).toHaveLength(1);
    expect(peer.shown).toEqual(shown);
    await rig.speak(session, peer, pos, speech(2));
    rig.asr.newest.open();
    await rig.clock.advance(2_000);
    expect(rig.asr.newest.sentMs).toBeGreaterThan(CUT_MS + 1_600);
    expect(rig.asr.newest.sentMs).toBeLessThan(CUT_MS + 1_600 + 400);
    rig.asr.newest.say(rest);
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([`${textOf(0, 6)}，${rest.text}`]);
  });

  it('leaves another instance as little to hear', async () => {
    const one = new Rig();
    await upToAWord(one);
    await one.clock.advance(RELAY_RULES.silenceAfterMs);
    one.asr.finishing.say(cutFinal());
    one.asr.finishing.finish();
    await one.clock.advance(4_000);
    const { answer, peer, two } = await takenOver(one);
    expect(answer.nextPos).toBeGreaterThan(at(4_400));
    expect(answer.nextPos).toBeLessThan(at(4_800));
    expect(peer.shown).toEqual([`${textOf(0, 6)}，`]);
    two.asr.newest.say(rest);
    await two.clock.advance(500);
    expect(two.store.texts('session-1')).toEqual([`${textOf(0, 6)}，${rest.text}`]);
  });

  it('was enough where the session is stopped: what it said is the sentence, and nothing is heard again', async () => {
    const rig = new Rig();
    const { session, pos } = await upToAWord(rig);
    await rig.clock.advance(RELAY_RULES.silenceAfterMs);
    rig.asr.finishing.say(cutFinal());
    rig.asr.finishing.finish();
    await rig.clock.advance(10_000);
    const stopped = session.stop(pos);
    await rig.clock.advance(500);
    expect(await stopped).toMatchObject({ sentences: 1 });
    expect(rig.asr.connections).toHaveLength(1);
    expect(rig.store.texts('session-1')).toEqual([cutFinal().text]);
  });

  it('that failed while it was ending is heard again at the stop, from the pause on', async () => {
    const rig = new Rig();
    const { session, pos } = await upToAWord(rig);
    await rig.clock.advance(RELAY_RULES.silenceAfterMs);
    rig.asr.finishing.fail({ reason: 'network', class: 'retriable', error: 'ASR_UNAVAILABLE' });
    await rig.clock.advance(10_000);
    expect(rig.asr.connections).toHaveLength(1);
    const stopped = session.stop(pos);
    await rig.clock.advance(500);
    rig.asr.newest.open();
    await rig.clock.advance(5_000);
    const again = rig.asr.finishing;
    again.say({ text: '出去走走燃', final: true, startMs: 0, endMs: again.sentMs });
    again.finish();
    await rig.clock.advance(500);
    expect(await stopped).toMatchObject({ sentences: 1 });
    expect(rig.store.texts('session-1').join('')).toMatch(/^今天.*走走燃$/);
  });

  it('may have heard two sentences by its end: the first is whole, the second goes on', async () => {
    const rig = new Rig();
    const { session, peer, pos } = await upToAWord(rig);
    await rig.clock.advance(RELAY_RULES.silenceAfterMs);
    const old = rig.asr.finishing;
    old.say({ text: `${textOf(0, 4)}。`, final: true, startMs: 20, endMs: 3_000, words: wordsOf(0, 4) });
    const second = cutWords().slice(4);
    old.say({
      index: 1,
      text: `${textOf(4, 6)}燃。`,
      final: true,
      startMs: 3_220,
      endMs: 5_080,
      words: second,
    });
    old.finish();
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([`${textOf(0, 4)}。`]);
    await rig.speak(session, peer, pos, speech(2));
    rig.asr.newest.open();
    await rig.clock.advance(2_000);
    expect(rig.asr.newest.sentMs).toBeLessThan(CUT_MS + 1_600 + 400);
    rig.asr.newest.say(rest);
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([`${textOf(0, 4)}。`, `${textOf(4, 6)}${rest.text}`]);
  });

  it('gets its next connection as soon as audio comes back, while it is still ending', async () => {
    const rig = new Rig();
    const { session, peer, pos } = await upToAWord(rig);
    await rig.clock.advance(RELAY_RULES.silenceAfterMs);
    expect(rig.asr.connections).toHaveLength(1);
    await rig.speak(session, peer, pos, tone(200));
    expect(rig.asr.connections.map(({ state }) => state)).toEqual(['finishing', 'dialling']);
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
