import { codeOf, errorTextOf } from 'cloudbase-voice';
import type { ExportFormat } from '../../../contract/functions.ts';
import type { ExportedFile } from './model.ts';

/** What the export sheet shows. */
export interface ExportView {
  open: boolean;
  format: ExportFormat;
  /** Of the file that is ready to be sent; empty until then. */
  fileName: string;
  /** Until then. */
  progress: string;
  /** The file is text, which can be copied. */
  isText: boolean;
  problem: string;
}

const PREPARING = '正在准备……';

export const CLOSED_EXPORT: ExportView = {
  open: false,
  format: 'txt',
  fileName: '',
  progress: PREPARING,
  isText: true,
  problem: '',
};

/** In the order of the sheet. Importing the contract's own list would bring its schema library into the mini-program. */
export const EXPORT_FORMATS: readonly { id: ExportFormat; name: string; use: string }[] = [
  { id: 'txt', name: 'TXT', use: '纯文字' },
  { id: 'docx', name: 'DOCX', use: 'Word 文档，分段' },
  { id: 'srt', name: 'SRT', use: '视频字幕' },
  { id: 'vtt', name: 'VTT', use: '网页字幕' },
  { id: 'json', name: 'JSON', use: '含时间的数据' },
];

/** The file cannot be made; the message says why and what to do, without a full stop. */
export class ExportError extends Error {}

/** A file that can be sent at once. */
export interface ReadyFile extends ExportedFile {
  path: string;
}

export interface ExportDeps {
  /**
   * What is exported as a file's content.
   * @param progress what is shown until it is there
   * @param wanted false: it need not be fetched any more
   * @returns null: it was no longer wanted
   */
  fetch(
    format: ExportFormat,
    watch: { progress: (text: string) => void; wanted: () => boolean },
  ): Promise<ExportedFile | null>;
  /** Writes it where WeChat can share it. @returns the path */
  write(file: ExportedFile & { format: ExportFormat }): Promise<string>;
}

/** The sheet that makes a file, of one session or of several: fetched and written in advance, since WeChat shares a file only synchronously in a tap. */
export class ExportModel {
  readonly #deps: ExportDeps;
  readonly #changed: (view: ExportView) => void;
  #view = CLOSED_EXPORT;
  #file: ReadyFile | undefined;
  /** Number of the newest choice. */
  #choice = 0;

  constructor(deps: ExportDeps, changed: (view: ExportView) => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  /** Of the chosen format, once it is written. */
  get file(): ReadyFile | undefined {
    return this.#file;
  }

  async open(): Promise<void> {
    this.#set({ open: true });
    await this.choose(this.#view.format);
  }

  close(): void {
    this.#choice += 1;
    this.#set({ open: false });
  }

  /** Prepares the file in a format; one that is ready later than another choice is dropped. */
  async choose(format: ExportFormat): Promise<void> {
    this.#choice += 1;
    const choice = this.#choice;
    const wanted = (): boolean => this.#choice === choice;
    this.#file = undefined;
    this.#set({ format, fileName: '', progress: PREPARING, isText: format !== 'docx', problem: '' });
    try {
      const progress = (text: string): void => {
        if (wanted()) this.#set({ progress: text });
      };
      const exported = await this.#deps.fetch(format, { progress, wanted });
      if (exported === null || !wanted()) return;
      const path = await this.#deps.write({ ...exported, format });
      if (!wanted()) return;
      this.#file = { ...exported, path };
      this.#set({ fileName: exported.filename, isText: exported.encoding === 'utf8' });
    } catch (error) {
      if (wanted()) this.#set({ problem: problemOf(error, format) });
    }
  }

  fail(problem: string): void {
    this.#set({ problem });
  }

  #set(change: Partial<ExportView>): void {
    this.#view = { ...this.#view, ...change };
    this.#changed(this.#view);
  }
}

function problemOf(error: unknown, format: ExportFormat): string {
  if (error instanceof ExportError) return `${error.message}。`;
  if (format === 'docx' && codeOf(error) === 'TOO_LARGE') return '这次录音太长，不能导出 DOCX，请改用 TXT。';
  const { title, hint } = errorTextOf(error);
  return `${title}。${hint}`;
}
