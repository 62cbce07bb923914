import { RECORD_VARIABLE } from './record.ts';

type Variables = Readonly<Record<string, string>>;

/** What becomes of the variables of a function or a container. Values are never shown. */
export interface VariableDifference {
  /** All that it has afterwards. */
  merged: Record<string, string>;
  added: string[];
  changed: string[];
  /** Described, and left empty now. */
  removed: string[];
  /** Set by somebody else, and kept. */
  kept: string[];
}

/**
 * The described variables over those that are there; what somebody has set besides stays.
 * @param described names of the description, those that are left empty too
 */
export function mergeVariables(
  wanted: Variables,
  found: Variables,
  described: readonly string[],
): VariableDifference {
  const isOurs = (name: string): boolean => described.includes(name) || name === RECORD_VARIABLE;
  const kept = Object.keys(found).filter((name) => !isOurs(name));
  const names = Object.keys(wanted);
  return {
    merged: { ...Object.fromEntries(kept.map((name) => [name, found[name] ?? ''])), ...wanted },
    added: names.filter((name) => found[name] === undefined),
    changed: names.filter((name) => found[name] !== undefined && found[name] !== wanted[name]),
    removed: described.filter((name) => found[name] !== undefined && wanted[name] === undefined),
    kept,
  };
}

/** What changes, in words. */
export const variableChanges = ({ added, changed, removed }: VariableDifference): string[] => [
  ...(added.length > 0 ? [`加上变量 ${added.join('、')}`] : []),
  ...(changed.length > 0 ? [`更新变量 ${changed.join('、')}`] : []),
  ...(removed.length > 0 ? [`去掉变量 ${removed.join('、')}`] : []),
];

export const variableNotes = ({ kept }: VariableDifference): string[] =>
  kept.length > 0 ? [`描述之外的变量保留：${kept.join('、')}`] : [];
