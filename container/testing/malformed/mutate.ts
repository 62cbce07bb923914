import type { Random } from '../../../lib/random.ts';

/** Values that parsers and databases have stumbled over elsewhere. */
const NASTY: readonly string[] = [
  'null',
  'NaN',
  '1e999',
  '-0',
  '-1',
  '0.5',
  '9007199254740993',
  '{}',
  '[]',
  '[[]]',
  '"__proto__"',
  '"constructor"',
  '{"__proto__":{"a":1}}',
  '{"$gt":""}',
  '"\\u0000"',
  '"\\ud800"',
  '"\ufeff"',
  '"’\u202e你"',
  '"…"',
  '{"_placeholder":true,"num":7}',
  '{"toJSON":1,"valueOf":2}',
  '['.repeat(2_000),
  '{"a":'.repeat(500),
  '"'.concat('x'.repeat(3_000), '"'),
];
const ALPHABET = '0123456789{}[]",:-/_ \\\n\u0000abcEPRS你\ud83d\ude00';

type Mutation = (text: string, random: Random) => string;
const at = (text: string, random: Random): number => random.int(0, text.length);

const MUTATIONS: readonly Mutation[] = [
  (text, random) => text.slice(0, at(text, random)),
  (text, random) => text.slice(at(text, random)),
  (text, random) => {
    const i = at(text, random);
    return text.slice(0, i) + text.slice(i + random.int(1, 8));
  },
  (text, random) => {
    const i = at(text, random);
    return text.slice(0, i) + random.pick([...ALPHABET]) + text.slice(i);
  },
  (text, random) => {
    const i = at(text, random);
    return text.slice(0, i) + text.slice(at(text, random)) + text.slice(i);
  },
  // a value of its JSON becomes another one
  (text, random) => {
    const values = [...text.matchAll(/(?<=[:,[])(?:"[^"]*"|[\d.-]+|true|false|null)(?=[,}\]])/g)];
    const value = random.pick(values);
    if (!value) return random.pick(NASTY);
    return text.slice(0, value.index) + random.pick(NASTY) + text.slice(value.index + value[0].length);
  },
  (_text, random) => random.pick(NASTY),
  (_text, random) => Array.from({ length: random.int(0, 60) }, () => random.pick([...ALPHABET])).join(''),
];

/** A text that is not quite the given one, or nothing like it. */
export function mutate(text: string, random: Random): string {
  let changed = text;
  for (let i = random.int(1, 3); i > 0; i--) changed = random.pick(MUTATIONS)(changed, random);
  return changed === text ? `${text}${random.pick(NASTY)}` : changed;
}

export const randomBytes = (length: number, random: Random): Buffer =>
  Buffer.from(Array.from({ length }, () => random.int(0, 255)));

const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  2 ** 53,
  '',
  'AAAA',
  '\u0000',
  '\ud800',
  '__proto__',
  'x'.repeat(5_000),
  { $gt: '' },
  { toJSON: 1, valueOf: 2 },
  { _placeholder: true, num: 7 },
  { __proto__: null, constructor: 1 },
];
/** Fields of honest payloads, so that values meet the checks behind the first one. */
const FIELDS = [
  'sessionId',
  'clientId',
  'engine',
  'sampleRate',
  'hotwords',
  'word',
  'weight',
  'wordTimes',
  'silenceMs',
  'title',
  'token',
  'resume',
  'haveIndex',
  'takeOver',
  'endPos',
  'fromPos',
  'toPos',
  'audio',
  'pos',
  'encodings',
  'encoding',
];
const MAX_DEPTH = 3;

/** A value that no honest client sends. */
export function nastyValue(random: Random, depth = 0): unknown {
  const kind = depth < MAX_DEPTH ? random.int(0, 3) : 0;
  if (kind === 1) return Array.from({ length: random.int(0, 5) }, () => nastyValue(random, depth + 1));
  if (kind >= 2)
    return Object.fromEntries(
      Array.from({ length: random.int(0, 6) }, () => [random.pick(FIELDS), nastyValue(random, depth + 1)]),
    );
  return random.pick(VALUES);
}
