import { describe, expect, test } from 'vitest';
import { CLIENT_GRACE_MS, CREDIT_MS } from '../../contract/limits.ts';
import { Random } from '../../lib/random.ts';
import { FAULT_GROUPS, faultKindOf, type PlannedFault, RETRIABLE_ASR_CODES } from './fault-kinds.ts';
import { planFaults } from './plan.ts';
import { hasEnglish, loadPhrases, writeScript } from './script.ts';

const FIVE_MINUTES = { durationMs: 300_000, speakers: 8, containers: 2 };

const endOf = (planned: PlannedFault): number => {
  if (planned.on === 'container') return planned.atMs + planned.afterOutageMs + planned.downMs;
  return planned.atMs + ('fault' in planned && 'ms' in planned.fault ? planned.fault.ms : 0);
};

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planFaults({ seed: 5, ...FIVE_MINUTES })).toEqual(planFaults({ seed: 5, ...FIVE_MINUTES }));
    expect(planFaults({ seed: 5, ...FIVE_MINUTES })).not.toEqual(planFaults({ seed: 6, ...FIVE_MINUTES }));
  });

  test('has faults of every group, and of a group the same with and without the others', () => {
    const whole = planFaults({ seed: 1, ...FIVE_MINUTES }).faults;
    for (const group of FAULT_GROUPS) {
      const own = planFaults({ seed: 1, ...FIVE_MINUTES, groups: [group] }).faults;
      expect(own.length, group).toBeGreaterThan(0);
      expect(own.map(({ atMs }) => atMs)).toEqual(
        whole.filter(({ on }) => on === group).map(({ atMs }) => atMs),
      );
    }
  });

  test('meets every retriable code and every kind within ten seeds', () => {
    const faults = Array.from(
      { length: 10 },
      (_, seed) => planFaults({ seed, ...FIVE_MINUTES }).faults,
    ).flat();
    const kinds = new Set(faults.flatMap((planned) => faultKindOf(planned).split(/[:+]/)));
    for (const code of RETRIABLE_ASR_CODES) expect(kinds).toContain(String(code));
    for (const kind of 'drop outage stall freeze latency slow cut http close delay-handshake'.split(' '))
      expect(kinds).toContain(kind);
    for (const kind of 'delay errors http-500 lost-answers kill term kill-in-replay term-in-replay'.split(
      ' ',
    ))
      expect(kinds).toContain(kind);
  });

  test('has no fault at the end of the recordings, apart from stops', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { faults, stops } = planFaults({ seed, ...FIVE_MINUTES });
      for (const planned of faults) expect(endOf(planned)).toBeLessThanOrEqual(285_000);
      expect(stops.length).toBeGreaterThan(0);
    }
  });

  test('has every way to lose audio, for one phone that keeps little and has no other faults of its link', () => {
    const { faults, stops, shortRing } = planFaults({ seed: 2, ...FIVE_MINUTES });
    expect(shortRing?.speaker).toBe(7);
    const losses = faults.flatMap((planned) => (planned.on === 'loss' ? planned.fault : []));
    const ringMs = shortRing?.ringMs ?? 0;
    const [first, away, long] = losses.map(({ ms }) => ms) as [number, number, number];
    expect(losses.map(({ kind }) => kind)).toEqual(['offline', 'recogniser-away', 'offline']);
    expect(first - ringMs).toBe(1_000);
    expect(away).toBeGreaterThan(CREDIT_MS + ringMs);
    expect(long - ringMs).toBeGreaterThan(CLIENT_GRACE_MS);
    expect(faults.some((planned) => planned.on === 'client' && planned.speaker === 7)).toBe(false);
    expect(stops.some(({ speaker }) => speaker === 7)).toBe(false);
    expect(planFaults({ seed: 2, ...FIVE_MINUTES, speakers: 1 }).shortRing).toBeUndefined();
  });

  test('keeps faults of one target apart', () => {
    const { faults } = planFaults({ seed: 3, ...FIVE_MINUTES });
    for (let speaker = 0; speaker < FIVE_MINUTES.speakers; speaker++) {
      const own = faults.filter((planned) => planned.on === 'client' && planned.speaker === speaker);
      for (const [i, planned] of own.entries())
        expect(own[i + 1]?.atMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(endOf(planned));
    }
  });
});

describe('a script', () => {
  const phrases = loadPhrases();
  const scripts = Array.from({ length: 20 }, (_, i) =>
    writeScript(phrases, 300_000, new Random(`test/${i}`)),
  );

  test('is hurried for at least a third of the time, and sometimes beyond the forced sentence end', () => {
    for (const { hurriedShare } of scripts) expect(hurriedShare).toBeGreaterThan(1 / 3);
    const runsOf = ({ utterances }: (typeof scripts)[number]): number[] => {
      const lengths: number[] = [];
      let sectionStart = 0;
      for (const [i, { startPos, endPos }] of utterances.entries()) {
        const pause = startPos - (utterances[i - 1]?.endPos ?? Number.NEGATIVE_INFINITY);
        if (pause > 0.35 * 16_000) sectionStart = startPos;
        lengths.push((endPos - sectionStart) / 16);
      }
      return lengths;
    };
    expect(Math.max(...scripts.flatMap(runsOf))).toBeGreaterThan(22_000);
  });

  test('has English words in at least a quarter of what is said', () => {
    for (const { utterances } of scripts) {
      const lengthOf = (some: typeof utterances): number =>
        some.reduce((sum, { phrase }) => sum + phrase.samples.length, 0);
      const english = utterances.filter(({ phrase }) => hasEnglish(phrase));
      expect(lengthOf(english) / lengthOf(utterances)).toBeGreaterThan(1 / 4);
    }
  });

  test('fits into the recording, one phrase after the other, never the same twice in a row', () => {
    for (const { utterances, length } of scripts) {
      for (const [i, utterance] of utterances.entries()) {
        const next = utterances[i + 1];
        expect(utterance.endPos).toBeLessThan(next?.startPos ?? length);
        expect(utterance.phrase).not.toBe(next?.phrase);
      }
    }
  });
});
