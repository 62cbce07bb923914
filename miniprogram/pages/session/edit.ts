import { errorTextOf } from 'cloudbase-voice';
import type { SentenceView } from '../../../contract/functions.ts';
import { MAX_EDIT_CHARS, MAX_TITLE_CHARS } from '../../../contract/limits.ts';

/** What the edit sheet shows. */
export interface EditView {
  open: boolean;
  /** Of the sheet, and of its field. */
  name: string;
  field: string;
  text: string;
  /** What was recognised; empty where it was not edited. */
  original: string;
  max: number;
  short: boolean;
  problem: string;
  saving: boolean;
}

export const CLOSED_EDIT: EditView = {
  open: false,
  name: '修改这一句',
  field: '这一句的文字',
  text: '',
  original: '',
  max: MAX_EDIT_CHARS,
  short: false,
  problem: '',
  saving: false,
};
const SENTENCE = { name: '修改这一句', field: '这一句的文字', max: MAX_EDIT_CHARS, short: false };
const TITLE = { name: '标题', field: '标题', max: MAX_TITLE_CHARS, short: true, original: '' };

/** The sheet that edits a sentence or the title, from its opening until what was typed is stored. */
export class EditModel {
  readonly #changed: (view: EditView) => void;
  #view = CLOSED_EDIT;
  /** Not in the view while the sheet is open: sent back, an older text would overwrite what is typed meanwhile. */
  #typed = '';
  #save: (text: string | null) => Promise<void> = async () => {};

  constructor(changed: (view: EditView) => void) {
    this.#changed = changed;
  }

  /** @param save stores the text; null: brings the original back */
  openSentence(sentence: SentenceView, save: (text: string | null) => Promise<void>): void {
    this.#open({ ...SENTENCE, text: sentence.text, original: sentence.original ?? '' }, save);
  }

  openTitle(title: string, save: (text: string) => Promise<void>): void {
    this.#open({ ...TITLE, text: title }, (text) => save(text ?? ''));
  }

  type(text: string): void {
    this.#typed = text;
  }

  close(): void {
    this.#set({ open: false, text: this.#typed });
  }

  save(): Promise<void> {
    return this.#store(this.#typed);
  }

  restoreOriginal(): Promise<void> {
    return this.#store(null);
  }

  #open(
    shown: Omit<EditView, 'open' | 'problem' | 'saving'>,
    save: (text: string | null) => Promise<void>,
  ): void {
    this.#typed = shown.text;
    this.#save = save;
    this.#set({ ...shown, open: true, problem: '' });
  }

  async #store(text: string | null): Promise<void> {
    if (this.#view.saving) return;
    const save = this.#save;
    this.#set({ saving: true, problem: '' });
    try {
      await save(text);
      // Meanwhile the sheet may have been closed and opened for another text.
      if (this.#save === save) this.close();
    } catch (error) {
      const { title, hint } = errorTextOf(error);
      this.#set({ problem: `${title}。${hint}` });
    }
    this.#set({ saving: false });
  }

  #set(change: Partial<EditView>): void {
    this.#view = { ...this.#view, ...change };
    this.#changed(this.#view);
  }
}
