import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Mutation {
  /** From the project's root. */
  file: string;
  find: string;
  replace: string;
}

/**
 * Rules of the container that can be taken out of a build, one at a time, to see that a run notices. The product itself
 * has no such switches: a build of its own is made from changed source.
 */
export const BREAKS = {
  /** A new upstream connection begins at the newest audio, not at what is decided. */
  replay: [
    {
      file: 'container/src/session/relay.ts',
      find: 'startPos: this.anchor.pos,',
      replace: 'startPos: this.heard,',
    },
  ],
  /** A frame that overlaps what is known is taken whole. */
  trimming: [
    {
      file: 'container/src/session/audio-buffer.ts',
      find: 'const known = this.end - pos;',
      replace: 'const known = 0;',
    },
  ],
  /** What an owner that was ousted still writes is stored. */
  fencing: [
    {
      file: 'container/src/store/cloudbase-store.ts',
      find: "const owned = sessions().where({ _id: sessionId, epoch, state: 'live' });",
      replace: "const owned = sessions().where({ _id: sessionId, state: 'live' });",
    },
  ],
  /** An old upstream connection is not closed, and what it still says counts. */
  generations: [
    {
      file: 'container/src/session/relay.ts',
      find: 'const current = () => gen !== undefined && gen === this.gen && !this.closed;',
      replace: 'const current = () => gen !== undefined && !this.closed;',
    },
    {
      file: 'container/src/session/generation.ts',
      find: '    this.connection.close();',
      replace: '',
    },
  ],
  /** Audio counts as settled as soon as it was received. */
  commit: [
    {
      file: 'container/src/session/journal.ts',
      find: 'return this.committed;',
      replace: 'return this.samples;',
    },
  ],
} as const satisfies Record<string, readonly Mutation[]>;

export type BreakName = keyof typeof BREAKS;
export const BREAK_NAMES = Object.keys(BREAKS) as BreakName[];

/** @throws Error where the text to find does not stand there exactly once: the product moved on, and so must the break */
export function mutate(source: string, { file, find, replace }: Mutation): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file}: 「${find}」 stands ${parts.length - 1} times, not once`);
  return parts.join(replace);
}

/** For a build: the product with one rule taken out. */
export const brokenBy = (name: BreakName): Plugin => ({
  name: `break-${name}`,
  setup(build) {
    const mutations: readonly Mutation[] = BREAKS[name];
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const own = mutations.filter(({ file }) => path === `${ROOT}${file}`);
      if (own.length === 0) return undefined;
      return { contents: own.reduce(mutate, await readFile(path, 'utf8')), loader: 'ts' };
    });
  },
});
