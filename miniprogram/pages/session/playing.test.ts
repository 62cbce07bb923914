import { describe, expect, test } from 'vitest';
import { PlayingLine, type PlayingView, sentenceAt } from './playing.ts';

const sentence = (index: number, startMs: number) => ({ index, text: '', startMs, endMs: startMs + 900 });
const SENTENCES = [sentence(0, 1_000), sentence(1, 2_000), sentence(3, 5_000)];

function rig() {
  const views: PlayingView[] = [];
  const revealed: number[] = [];
  const line = new PlayingLine({
    sentences: () => SENTENCES,
    show: (view) => void views.push(view),
    reveal: (index) => void revealed.push(index),
  });
  return { line, views, revealed, last: () => views[views.length - 1] };
}

test.each([
  [0, undefined],
  [999, undefined],
  [1_000, 0],
  [1_999, 0],
  [4_999, 1],
  [5_000, 3],
  [15_899, 3],
  [15_900, undefined],
])('at %i ms the sentence is %s', (ms, index) => expect(sentenceAt(SENTENCES, ms)?.index).toBe(index));

describe('the sentence that is played', () => {
  test('is marked and brought into sight when it changes, and nothing is said in between', () => {
    const { line, views, revealed } = rig();
    for (const ms of [1_000, 1_250, 1_500, 2_000, 2_250]) line.moved(ms, true);
    expect(views.map(({ playing }) => playing)).toEqual([0, 1]);
    expect(revealed).toEqual([0, 1]);
  });

  test('is none before anything is played', () => {
    const { line, views } = rig();
    line.moved(0, false);
    line.moved(0, false);
    expect(views).toEqual([]);
  });

  test('is not scrolled to once the user has scrolled, until they want it', () => {
    const { line, revealed, last } = rig();
    line.moved(1_000, true);
    line.scrolled();
    expect(last()).toEqual({ playing: 0, away: true });
    line.moved(2_000, true);
    expect([revealed, last()]).toEqual([[0], { playing: 1, away: true }]);
    line.follow();
    line.moved(5_000, true);
    expect([revealed, last()]).toEqual([[0, 1, 3], { playing: 3, away: false }]);
  });

  test('stays marked while it is paused; then scrolling is nobody’s business', () => {
    const { line, last } = rig();
    line.moved(2_000, true);
    line.moved(2_500, false);
    line.scrolled();
    expect(last()).toEqual({ playing: 1, away: false });
  });

  test('that was tapped is followed again', () => {
    const { line, revealed } = rig();
    line.moved(1_000, true);
    line.scrolled();
    line.chosen();
    line.moved(5_000, true);
    expect(revealed).toEqual([0, 3]);
  });
});
