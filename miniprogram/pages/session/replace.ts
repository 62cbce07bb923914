import { errorTextOf } from 'cloudbase-voice';
import type { EditResult, SentenceView } from '../../../contract/functions.ts';
import { stateTable } from '../../../lib/state-table.ts';
import {
  canChoose,
  firstRequest,
  noteOf,
  type PlannedEdit,
  planReplacement,
  type Replacement,
  type ReplaceRow,
} from './replace-plan.ts';

/**
 * `asking`: for the replacement; `loading`: the sentences that it changes; `ready`: they are shown; `working`: they are being changed
 * (or changed back); `stopped`: in the middle of it; `done`: with all.
 */
export type ReplacePhase = 'asking' | 'loading' | 'ready' | 'working' | 'stopped' | 'done';
type ReplaceEvent = 'type' | 'preview' | 'loaded' | 'failed' | 'run' | 'undo' | 'interrupted' | 'finished';

/** `none`: the event has no effect in that state. */
export const REPLACE_STATES = stateTable<ReplacePhase, ReplaceEvent, ReplacePhase | 'none'>(
  ['asking', 'loading', 'ready', 'working', 'stopped', 'done'],
  {
    //            asking     loading   ready      working    stopped    done
    type: /*   */ ['asking', 'asking', 'asking', 'none', 'asking', 'asking'],
    preview: /**/ ['loading', 'none', 'loading', 'none', 'none', 'loading'],
    loaded: /* */ ['none', 'ready', 'none', 'none', 'none', 'none'],
    failed: /* */ ['none', 'asking', 'none', 'none', 'none', 'none'],
    run: /*    */ ['none', 'none', 'working', 'none', 'working', 'none'],
    undo: /*   */ ['none', 'none', 'none', 'none', 'working', 'working'],
    interrupted: ['none', 'none', 'none', 'stopped', 'none', 'none'],
    finished: /**/ ['none', 'none', 'none', 'done', 'none', 'none'],
  },
);

/** What the replace sheet shows, besides its rows. */
export interface ReplaceView {
  open: boolean;
  phase: ReplacePhase;
  query: string;
  text: string;
  /** Rows that are chosen. */
  chosen: number;
  /** What is being done is taking back. */
  undoing: boolean;
  /** Sentences changed (or changed back) so far, of how many, and those that were edited meanwhile. */
  done: number;
  total: number;
  conflicts: number;
  /** Changed sentences that can be changed back. */
  undoable: number;
  /** There are more sentences than a preview holds. */
  more: boolean;
  problem: string;
}

export const CLOSED_REPLACE: ReplaceView = {
  open: false,
  phase: 'asking',
  query: '',
  text: '',
  chosen: 0,
  undoing: false,
  done: 0,
  total: 0,
  conflicts: 0,
  undoable: 0,
  more: false,
  problem: '',
};

export interface ReplaceDeps {
  /** Sentences that contain `query`, as many as a preview holds; `cursor` goes on. */
  load(query: string, cursor: string | null): Promise<{ sentences: SentenceView[]; cursor: string | null }>;
  /** @returns what became of the first edits; those behind were not tried */
  edit(edits: readonly PlannedEdit[]): Promise<EditResult[]>;
  /** Shows sentences that were changed. */
  apply(changed: readonly SentenceView[]): Promise<void>;
}

/**
 * Replaces a text in all sentences of a session: the preview says what changes to what, each can be left out, and what was changed can be
 * changed back. Every edit has the condition that its sentence still reads as in the preview.
 */
export class ReplaceModel {
  readonly #deps: ReplaceDeps;
  readonly #changed: (view: ReplaceView, rows: ReplaceRow[]) => void;
  #view = CLOSED_REPLACE;
  /** Not in the view while it is typed. */
  #typed = '';
  #planned: Replacement[] = [];
  /** Of the sentences behind the preview. */
  #cursor: string | null = null;
  /** Edits of the run that are to be made. */
  #left: PlannedEdit[] = [];
  /** Edits that change back what was changed, of all previews. */
  #undo: PlannedEdit[] = [];

  constructor(deps: ReplaceDeps, changed: (view: ReplaceView, rows: ReplaceRow[]) => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  /** Opens for what was searched for; for the same as last time, with what was done then. */
  open(query: string): void {
    if (query !== this.#view.query && this.#view.phase !== 'working' && this.#view.phase !== 'loading') {
      this.#planned = [];
      this.#undo = [];
      this.#set({ ...CLOSED_REPLACE, query, text: this.#typed });
    }
    this.#set({ open: true });
  }

  /** What is being done goes on. */
  close(): void {
    this.#set({ open: false, text: this.#typed });
  }

  type(text: string): void {
    this.#typed = text;
    if (this.#view.phase !== 'asking') this.#enter('type', { problem: '' });
  }

  /** Shows what would be changed; after a run, the sentences behind those of the last preview. */
  async preview(): Promise<void> {
    const cursor = this.#view.phase === 'done' ? this.#cursor : null;
    if (!this.#enter('preview', { problem: '', conflicts: 0, undoing: false })) return;
    try {
      const { query } = this.#view;
      const found = await this.#deps.load(query, cursor);
      this.#planned = planReplacement(found.sentences, query, this.#typed);
      this.#cursor = found.cursor;
      this.#enter('loaded', { ...this.#counted(), more: found.cursor !== null });
    } catch (error) {
      this.#enter('failed', { problem: problemText(error) });
    }
  }

  /** Leaves a sentence out, or takes it in again. */
  toggle(index: number): void {
    if (this.#view.phase !== 'ready') return;
    this.#planned = this.#planned.map((one) =>
      one.edit.index === index && canChoose(one)
        ? { ...one, row: { ...one.row, chosen: !one.row.chosen } }
        : one,
    );
    this.#set(this.#counted());
  }

  /** Changes the chosen sentences; after an interruption, those that are left. */
  async run(): Promise<void> {
    const isNew = this.#view.phase === 'ready';
    if (isNew) {
      this.#left = this.#planned.filter(({ row }) => row.chosen).map(({ edit }) => edit);
      if (this.#left.length === 0) return;
    }
    const counts = isNew ? { done: 0, total: this.#left.length, conflicts: 0 } : {};
    if (this.#enter('run', { ...counts, problem: '' })) await this.#work();
  }

  /** Changes back what was changed, each sentence only where it still reads as it was left. */
  async undo(): Promise<void> {
    if (this.#undo.length === 0) return;
    const counts = { done: 0, total: this.#undo.length, conflicts: 0 };
    if (!this.#enter('undo', { ...counts, undoing: true, more: false, problem: '' })) return;
    this.#left = [...this.#undo];
    await this.#work();
  }

  async #work(): Promise<void> {
    try {
      while (this.#left.length > 0) {
        const results = await this.#deps.edit(firstRequest(this.#left));
        // The function always gets on; one that does not must not be asked for ever.
        if (results.length === 0) throw new Error('no edit was tried');
        await this.#settle(results);
      }
      this.#enter('finished', {});
    } catch (error) {
      this.#enter('interrupted', { problem: problemText(error) });
    }
  }

  async #settle(results: readonly EditResult[]): Promise<void> {
    const { undoing, done, conflicts } = this.#view;
    const outcomes = new Map(results.map((result) => [result.index, result]));
    this.#left = this.#left.filter(({ index }) => !outcomes.has(index));
    const edited = results.filter(({ outcome }) => outcome === 'edited');
    if (undoing) this.#undo = this.#undo.filter(({ index }) => !outcomes.has(index));
    else this.#remember(edited);
    this.#planned = this.#planned.map((one) => {
      const result = outcomes.get(one.edit.index);
      return result ? { ...one, row: { ...one.row, note: noteOf(result.outcome, undoing) } } : one;
    });
    this.#set({
      done: done + edited.length,
      conflicts: conflicts + results.length - edited.length,
      undoable: this.#undo.length,
    });
    const sentences = results.map(({ sentence }) => sentence);
    await this.#deps.apply(sentences.filter((sentence) => sentence !== null));
  }

  #remember(edited: readonly EditResult[]): void {
    for (const { index, sentence } of edited) {
      const planned = this.#planned.find(({ edit }) => edit.index === index);
      if (!planned || !sentence) continue;
      // Replaced a second time, it goes back to what it was at first.
      const before = this.#undo.find((one) => one.index === index);
      const others = this.#undo.filter((one) => one !== before);
      const text = before ? before.text : planned.earlier;
      this.#undo = [...others, { index, from: sentence.text, text }];
    }
  }

  #counted(): Partial<ReplaceView> {
    return { chosen: this.#planned.filter(({ row }) => row.chosen).length };
  }

  /** @returns whether the event has an effect */
  #enter(event: ReplaceEvent, change: Partial<ReplaceView>): boolean {
    const phase = REPLACE_STATES.next(this.#view.phase, event);
    if (phase === 'none') return false;
    this.#set({ ...change, phase });
    return true;
  }

  #set(change: Partial<ReplaceView>): void {
    this.#view = { ...this.#view, ...change };
    const isListed = this.#view.phase !== 'asking' && this.#view.phase !== 'loading';
    this.#changed(this.#view, isListed ? this.#planned.map(({ row }) => row) : []);
  }
}

function problemText(error: unknown): string {
  const { title, hint } = errorTextOf(error);
  return `${title}。${hint}`;
}
