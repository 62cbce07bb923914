import type { AsrWord } from '../src/asr/types.ts';
import type { Session } from '../src/session/session.ts';
import { joined, silence, tone } from './audio.ts';
import { type FakeClientSocket, Rig } from './rig.ts';

/** Words of 400 ms with a pause of 400 ms behind each: what was spoken in word `i` lies from 800 i to 800 i + 400 ms. */
export const WORD_MS = 800;
export const SPOKEN = [
  '今天',
  '天气',
  '很好',
  '我们',
  '出去',
  '走走',
  '然后',
  '回来',
  '吃饭',
  '睡觉',
  '起床',
  '上班',
];
export const speech = (words: number) =>
  joined(...Array.from({ length: words }, () => joined(tone(400), silence(400))));

/** The words `from` … `to − 1`, in times of a connection that began with word `from`. */
export const wordsOf = (from: number, to: number, stable = true): AsrWord[] =>
  SPOKEN.slice(from, to).map((text, i) => ({
    text,
    startMs: i * WORD_MS + 20,
    endMs: i * WORD_MS + 380,
    stable,
  }));
export const textOf = (from: number, to: number) => SPOKEN.slice(from, to).join('');

/** Says `to` words, each with an interim as a recogniser gives it. */
export async function talk(rig: Rig, session: Session, peer: FakeClientSocket, to: number, words = wordsOf) {
  let pos = 0;
  for (let i = 1; i <= to; i++) {
    pos = await rig.speak(session, peer, pos, speech(1));
    rig.asr.newest.say({ text: textOf(0, i), final: false, words: words(0, i) });
  }
  await rig.clock.advance(100);
  return pos;
}

export async function talking(rig: Rig, count = 10, words = wordsOf) {
  const { session, peer } = await rig.start();
  rig.asr.newest.open();
  const end = await talk(rig, session, peer, count, words);
  // until the next write of a checkpoint is due
  await rig.clock.advance(3_000);
  return { session, peer, end };
}

/** The record of {@link Rig.start}'s session. */
export const recordOf = (rig: Rig) => rig.store.record('session-1');

/** A second instance that has taken the session over. */
export async function takenOver(one: Rig) {
  const two = new Rig({ store: one.store, clock: one.clock });
  const started = await two.start({ resume: { haveIndex: -1 } });
  two.asr.newest.open();
  return { two, ...started };
}
