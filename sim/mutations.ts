import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { applyEdit, MUTATIONS } from '../bench/chaos/mutations.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface SourceEdit {
  file: string;
  find: string;
  replace: string;
}

/** Rules of the product that can be removed, to see that the simulation notices: the chaos run's, and more. */
export const SIM_MUTATIONS: Readonly<Record<string, readonly SourceEdit[]>> = {
  ...MUTATIONS,
  /** A repeated write may carry newer positions than the first attempt. */
  frozen: [
    {
      file: 'container/src/session/record-writer.ts',
      find: 'this.unanswered ??= this.freeze();',
      replace: 'this.unanswered = this.freeze();',
    },
  ],
  /** A session whose client is gone for good is worked at for ever. */
  release: [
    {
      file: 'container/src/session/session.ts',
      find: "this.timers.set('client', SESSION_RULES.finishWithoutClientMs, 'finishTimeout');",
      replace: '',
    },
  ],
  /** Text that was stored already is written again when its audio is heard again. */
  overlap: [
    {
      file: 'container/src/upstream/dedupe.ts',
      find: 'this.overlap = overlap;',
      replace: 'this.overlap = overlap && null;',
    },
  ],
  /** The silence in place of a hole is sent at once. */
  bridge: [
    {
      file: 'container/src/upstream/relay.ts',
      find: 'stream.sendGapSilence(from, this.rules.sliceMs, this.rules.gapSilenceMs, now)',
      replace: 'stream.sendGapSilence(from, 2 * this.rules.gapSilenceMs, this.rules.gapSilenceMs, now)',
    },
  ],
  /** Audio that two streams took without an answer is passed over without a word. */
  unrecognised: [
    {
      file: 'container/src/session/session.ts',
      find: "unrecognised: (fromPos, toPos) => this.lose(fromPos, toPos, 'asr'),",
      replace: 'unrecognised: () => {},',
    },
  ],
  /** Words are matched by letters, so that what is heard again may be cut within one. */
  cutWord: [
    {
      file: 'container/src/upstream/alignment.ts',
      find: 'text.matchAll(TOKEN)',
      replace: 'text.matchAll(/[\\p{L}\\p{N}]/gu)',
    },
    {
      file: 'container/src/upstream/alignment.ts',
      find: 'isWord: !IS_HAN.test(found),',
      replace: 'isWord: found === null,',
    },
  ],
  /** A start that fails within leaves its session behind: the hot words are not checked, and no throw is caught. */
  leak: [
    {
      file: 'contract/free-text.ts',
      find: "v.check(isWellFormed, 'not well-formed UTF-16'), ",
      replace: '',
    },
    {
      file: 'container/src/upstream/relay.ts',
      find: "const error = cause instanceof VoiceError ? cause.code : 'ASR_BAD_PARAMS';",
      replace: "if (cause) throw cause;\n      const error = 'ASR_BAD_PARAMS';",
    },
    {
      file: 'container/src/session/manager.ts',
      find: '      session.discard();\n      throw error;',
      replace: '      throw error;',
    },
  ],
  /** What is to be stored goes before whoever comes for a session, always. */
  commitsFirst: [
    {
      file: 'container/src/store/database-budget.ts',
      find: '(!next || this.had[priority] < this.had[next])',
      replace: '!next',
    },
  ],
  /** What is new puts the next write off, and a store that is away is tried again whenever something is new. */
  debounce: [
    {
      file: 'container/src/session/record-writer.ts',
      find: 'if (ms >= this.timerMs) return;',
      replace: '',
    },
    {
      file: 'container/src/session/record-writer.ts',
      find: 'if (!this.writing && this.failures === 0) this.writeWithin',
      replace: 'if (!this.writing) this.writeWithin',
    },
  ],
  /** The sentence that goes on behind a checkpoint begins without what was said before it. */
  headLost: [
    {
      file: 'container/src/upstream/sentence-head.ts',
      find: 'return this.base ? joinSentences(sentenceOf(this.base), sentence) : sentence;',
      replace: 'return sentence;',
    },
  ],
  /** A checkpoint within an open sentence lets the client forget the audio before it. */
  headCommits: [
    {
      file: 'container/src/session/session.ts',
      find: 'head: (at) => this.writer.noteHead(at && { index: this.transcript.nextIndex, ...at }),',
      replace: 'head: (at) => at && this.writer.checkpoint({ pos: at.pos, overlap: null }),',
    },
  ],
  /** A checkpoint within an open sentence keeps words that the recogniser still changes. */
  headUnstable: [
    {
      file: 'container/src/upstream/sentence-head.ts',
      find: 'isBefore(word) && stable[i] === true',
      replace: 'isBefore(word)',
    },
    { file: 'container/src/upstream/rules.ts', find: 'behindMs: 3_000,', replace: 'behindMs: 0,' },
    {
      file: 'container/src/upstream/rules.ts',
      find: 'interimsApartMs: 1_000,',
      replace: 'interimsApartMs: 0,',
    },
    {
      file: 'container/src/upstream/sentence-head.ts',
      find: 'if (count !== before.words.length || count === later.sentence.words.length) return undefined;',
      replace: 'if (count !== before.words.length) return undefined;',
    },
    {
      file: 'container/src/upstream/sentence-head.ts',
      find: 'const isRevised = this.own !== null && !beginsWith(interim.sentence, this.own);',
      replace: 'const isRevised = false;',
    },
  ],
  /** An instance takes the streams that it wants without looking at what the others have. */
  leaseRead: [
    {
      file: 'container/src/leases/stream-leases.ts',
      find: 'Math.max(this.granted, Math.min(shown, this.room))',
      replace: 'Math.max(this.granted, shown)',
    },
  ],
  /** What an instance held that was killed is nobody's for ever. */
  leaseForever: [
    {
      file: 'container/src/leases/other-leases.ts',
      find: '(unchanged) => unchanged < this.deadAfterLooks',
      replace: '(unchanged) => unchanged >= -1',
    },
    {
      file: 'container/src/leases/other-leases.ts',
      find: '(unchanged) => unchanged >= this.deadAfterLooks',
      replace: '(unchanged) => unchanged < -1',
    },
  ],
  /** A block of ADPCM that cannot be read counts as silence, instead of being asked for again. */
  unreadable: [
    {
      file: 'container/src/transport/connection.ts',
      find: 'this.refuse(error, { sessionId, nextPos });\n      return undefined;',
      replace:
        'void error;\n      void sessionId;\n      void nextPos;\n      return { pos: received.pos, pcm: new Uint8Array(received.bytes.byteLength & ~1) };',
    },
  ],
  /** A client is not told again what it missed while it was away. */
  resend: [
    {
      file: 'container/src/session/transcript.ts',
      find: "for (const event of transcript.above(haveIndex)) socket.emit('result', event);",
      replace: '',
    },
  ],
};

export const SIM_MUTATION_NAMES = Object.keys(SIM_MUTATIONS);

/** An esbuild plugin that removes one rule from a build. */
export const simMutationPlugin = (name: string): Plugin => ({
  name: `mutation-${name}`,
  setup(build) {
    const edits = SIM_MUTATIONS[name] ?? [];
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const own = edits.filter(({ file }) => path === `${ROOT}${file}`);
      if (own.length === 0) return undefined;
      return { contents: own.reduce(applyEdit, await readFile(path, 'utf8')), loader: 'ts' };
    });
  },
});
