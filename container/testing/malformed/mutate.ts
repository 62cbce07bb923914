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
  '{"toJSON":1,"then":2}',
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
