import { ToolError } from '../cli.ts';
import type { Part } from './options.ts';

/** Told what is going on while one is done. */
export type Tell = (text: string) => void;

/** One thing in the cloud that a deployment is about, compared with its description. */
export interface Work {
  part: Part;
  /** What it is: 集合 voice_sessions */
  subject: string;
  /** It is not there yet. */
  isNew: boolean;
  /** What will be done to it, in words; none: it is as described. */
  changes: readonly string[];
  /** What is there besides, and stays. */
  notes: readonly string[];
  /** What has to be mended by hand before anything is done. */
  problems: readonly string[];
  /** Does it. @param tell what it waits for */
  run(tell: Tell): Promise<void>;
}

export const isOpen = ({ changes }: Work): boolean => changes.length > 0;

/** The comparison, for people: what will be done, and what stays. */
export function workLines(works: readonly Work[]): string[] {
  const open = works.filter(isOpen);
  const same = works.filter((work) => !isOpen(work));
  return [
    ...(open.length > 0 ? [`要做 ${open.length} 项：`] : []),
    ...open.map(({ subject, isNew, changes }) => `  ${isNew ? '+' : '~'} ${subject}：${changes.join('；')}`),
    ...(same.length > 0 ? [`不变 ${same.length} 项：${same.map(({ subject }) => subject).join('、')}`] : []),
    ...works.flatMap(({ subject, notes }) => notes.map((note) => `  · ${subject}：${note}`)),
  ];
}

/** @throws ToolError with everything that stands in the way */
export function refuseProblems(works: readonly Work[]): void {
  const problems = works.flatMap(({ subject, problems }) => problems.map((one) => `  ✗ ${subject}：${one}`));
  if (problems.length > 0)
    throw new ToolError(`云上有与描述冲突的地方，什么都没有改：\n${problems.join('\n')}`);
}
