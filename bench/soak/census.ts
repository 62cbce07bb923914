import { readFile } from 'node:fs/promises';

/** How many objects a heap holds, by constructor, and functions, by name. */
export type Census = Readonly<Record<string, number>>;

/** The part of a `.heapsnapshot` that is used here. */
interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
  strings: string[];
}

export interface HeapContent {
  /** `class Name` and `function name`. */
  census: Census;
  /** All that is in the heap, bytes. */
  bytes: number;
}

const PREFIXES: Readonly<Record<string, string>> = { object: 'class', closure: 'function' };

/** Counts what is in a heap snapshot. */
export function contentOf({ snapshot: { meta }, nodes, strings }: Snapshot): HeapContent {
  const width = meta.node_fields.length;
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => meta.node_fields.indexOf(field));
  const prefixes = meta.node_types[0].map((typeName) => PREFIXES[typeName]);
  const census: Record<string, number> = {};
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += width) {
    bytes += nodes[at + (size as number)] as number;
    const prefix = prefixes[nodes[at + (type as number)] as number];
    if (prefix === undefined) continue;
    const key = `${prefix} ${strings[nodes[at + (name as number)] as number]}`;
    census[key] = (census[key] ?? 0) + 1;
  }
  return { census, bytes };
}

export const readHeap = async (file: string): Promise<HeapContent> =>
  contentOf(JSON.parse(await readFile(file, 'utf8')) as Snapshot);
