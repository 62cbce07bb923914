import { MAX_TAGS } from '../../../contract/limits.ts';
import { wellFormed } from '../../../contract/text.ts';

/** A tag that can be chosen for a record. */
export interface TagChoice {
  name: string;
  on: boolean;
}

/** The record's own tags, then those used elsewhere. */
export const choicesOf = (own: readonly string[], known: readonly string[]): TagChoice[] => [
  ...own.map((name) => ({ name, on: true })),
  ...known.filter((name) => !own.includes(name)).map((name) => ({ name, on: false })),
];

/** With a tag that was typed, chosen; as before where nothing was typed. */
export function withTyped(choices: readonly TagChoice[], typed: string): TagChoice[] {
  const name = wellFormed(typed).trim();
  return name === ''
    ? [...choices]
    : [{ name, on: true }, ...choices.filter((choice) => choice.name !== name)];
}

export const toggled = (choices: readonly TagChoice[], tag: string): TagChoice[] =>
  choices.map(({ name, on }) => ({ name, on: name === tag ? !on : on }));

export const chosenTags = (choices: readonly TagChoice[]): string[] =>
  choices.filter(({ on }) => on).map(({ name }) => name);

export const isTooMany = (choices: readonly TagChoice[]): boolean => chosenTags(choices).length > MAX_TAGS;
