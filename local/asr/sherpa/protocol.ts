import type { Hearing } from '../engine/recogniser.ts';

/** Messages between the server and the process that holds the native engine. */
export type ToChild =
  | { type: 'load'; config: Record<string, unknown>; tailMs: number; chunkMs: number }
  | { type: 'open'; id: number }
  | { type: 'audio'; id: number; pcm: Int16Array }
  | { type: 'flush'; id: number }
  | { type: 'close'; id: number };

export type FromChild = { type: 'ready' } | { type: 'hearing'; id: number; hearing: Hearing };
