import { describe, expect, it } from 'vitest';
import { type EncodingState, firstEncoding, nextEncoding } from './encoding-choice.ts';

/** Observations are made this often, as a recorder delivers frames, ms. */
const EVERY_MS = 100;

/** Goes on for `ms`; `unconfirmed` says how much is not confirmed, by the time since the beginning. */
function during(
  state: EncodingState,
  fromMs: number,
  ms: number,
  unconfirmed: (sinceMs: number) => number,
): EncodingState {
  let now = state;
  for (let atMs = fromMs; atMs < fromMs + ms; atMs += EVERY_MS)
    now = nextEncoding(now, unconfirmed(atMs - fromMs), atMs);
  return now;
}

/** A link that keeps up: what is recorded between two confirmations, and the way there and back. */
const level = (roundTripMs: number) => (sinceMs: number) => roundTripMs + (sinceMs % 1_000);
const LEVEL = level(150);
/** A link that carries 40 % of PCM. */
const slow = (sinceMs: number) => LEVEL(sinceMs) + 0.6 * sinceMs;

const PCM = firstEncoding(0, 0);
const ADPCM = firstEncoding(30_000, 0);

describe('at the beginning of a connection', () => {
  it('a recording begins with PCM', () => expect(PCM.encoding).toBe('pcm'));

  it('a replay is sent as ADPCM', () => {
    expect(firstEncoding(2_000, 0).encoding).toBe('adpcm');
    expect(firstEncoding(1_900, 0).encoding).toBe('pcm');
  });
});

describe('PCM', () => {
  it.each([0, 150, 800, 1_500])('stays on a link that keeps up, with %d ms there and back', (roundTripMs) => {
    expect(during(PCM, 0, 600_000, level(roundTripMs)).encoding).toBe('pcm');
  });

  it('is given up where the link falls behind, within 6 s', () => {
    expect(during(PCM, 0, 2_000, slow).encoding).toBe('pcm');
    expect(during(PCM, 0, 6_000, slow).encoding).toBe('adpcm');
  });

  it('is given up at once where nothing is confirmed any more', () => {
    expect(nextEncoding(PCM, 4_000, EVERY_MS).encoding).toBe('adpcm');
  });

  it('stays where a delay is being made up for', () => {
    const hiccup = (sinceMs: number) => LEVEL(sinceMs) + Math.max(0, 2_400 - 0.9 * sinceMs);
    expect(during(PCM, 0, 60_000, hiccup).encoding).toBe('pcm');
  });
});

describe('ADPCM', () => {
  it('stays while there is something to catch up with', () => {
    expect(during(ADPCM, 0, 60_000, (sinceMs) => 30_000 - 0.4 * sinceMs).encoding).toBe('adpcm');
  });

  it('is left when the link has kept up for 10 s, not before', () => {
    expect(during(ADPCM, 0, 10_000, LEVEL).encoding).toBe('adpcm');
    expect(during(ADPCM, 0, 15_000, LEVEL).encoding).toBe('pcm');
  });

  it('stays where the link keeps up for less', () => {
    const now = during(
      ADPCM,
      0,
      300_000,
      (sinceMs) => LEVEL(sinceMs) + (sinceMs % 9_000 < 3_000 ? 2_000 : 0),
    );
    expect(now.encoding).toBe('adpcm');
  });

  it('is kept twice as long after each attempt that failed, up to five minutes', () => {
    let state = ADPCM;
    let atMs = 0;
    const kept: number[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      const fromMs = atMs;
      for (; state.encoding === 'adpcm'; atMs += EVERY_MS) state = nextEncoding(state, LEVEL(atMs), atMs);
      kept.push(Math.round((atMs - fromMs) / 10_000));
      for (const triedAtMs = atMs; state.encoding === 'pcm'; atMs += EVERY_MS)
        state = nextEncoding(state, slow(atMs - triedAtMs), atMs);
    }
    expect(kept).toEqual([1, 2, 4, 8, 16, 32, 32]);
  });

  it('is kept for 10 s again where PCM went well for a minute', () => {
    let state = during(during(ADPCM, 0, 15_000, LEVEL), 15_000, 10_000, slow);
    expect(state).toMatchObject({ encoding: 'adpcm', levelForMs: 20_000 });
    state = during(state, 25_000, 100_000, LEVEL);
    expect(state.encoding).toBe('pcm');
    expect(during(state, 125_000, 10_000, slow)).toMatchObject({ encoding: 'adpcm', levelForMs: 10_000 });
  });
});

it('a clock that is set back or forward changes nothing by itself', () => {
  for (const jumpMs of [-3_600_000, 3_600_000]) {
    expect(during(during(PCM, 0, 5_000, LEVEL), jumpMs, 60_000, LEVEL).encoding).toBe('pcm');
    const catchingUp = during(ADPCM, 0, 5_000, () => 20_000);
    expect(during(catchingUp, jumpMs, 5_000, () => 20_000).encoding).toBe('adpcm');
  }
});
