import type { Clock } from '../../lib/clock.ts';
import { ToolError } from '../cli.ts';
import type { Progress } from '../progress.ts';
import { failureText } from './refusal.ts';
import { isOpen, type Work } from './works.ts';

/** Does what there is to do, says so, and knows what was done when it ends early. */
export class Journal {
  readonly #clock: Clock;
  readonly #progress: Progress;
  readonly #print: (line: string) => void;
  readonly #open: Work[];
  readonly #running = new Map<Work, string>();
  readonly #done: Work[] = [];

  /** @param print must hide what may not be shown */
  constructor(
    works: readonly Work[],
    { clock, progress, print }: { clock: Clock; progress: Progress; print(line: string): void },
  ) {
    this.#clock = clock;
    this.#open = works.filter(isOpen);
    this.#progress = progress;
    this.#print = print;
  }

  get done(): readonly Work[] {
    return this.#done;
  }

  /**
   * Does all of it: part by part, those of one part side by side if `together`.
   * @throws ToolError where something failed, after what was begun with it has ended
   */
  async run(together: ReadonlySet<Work['part']>): Promise<void> {
    for (const part of new Set(this.#open.map((work) => work.part))) {
      const works = this.#open.filter((work) => work.part === part);
      const failures = together.has(part) ? await this.#side(works) : await this.#one(works);
      if (failures.length > 0) throw new ToolError([...failures, ...this.summary()].join('\n'));
    }
  }

  /** What was done, what was under way, and what was not begun. */
  summary(): string[] {
    const named = (works: readonly Work[]): string => works.map(({ subject }) => subject).join('、');
    const left = this.#open.filter((work) => !this.#done.includes(work) && !this.#running.has(work));
    return [
      ...(this.#done.length > 0 ? [`已经做完：${named(this.#done)}`] : ['还没有做完任何一项']),
      ...(this.#running.size > 0 ? [`正在做、可能已经生效：${named([...this.#running.keys()])}`] : []),
      ...(left.length > 0 ? [`没有做完：${named(left)}`] : []),
      '可以再运行一次：做好了的不会重做',
    ];
  }

  async #one(works: readonly Work[]): Promise<string[]> {
    for (const work of works) {
      const failure = await this.#do(work);
      if (failure !== undefined) return [failure];
    }
    return [];
  }

  async #side(works: readonly Work[]): Promise<string[]> {
    const ended = await Promise.all(works.map((work) => this.#do(work)));
    return ended.filter((failure) => failure !== undefined);
  }

  async #do(work: Work): Promise<string | undefined> {
    this.#tell(work, '正在进行');
    const startedAt = this.#clock.now();
    try {
      await work.run((text) => this.#tell(work, text));
      this.#done.push(work);
      this.#print(`✓ ${work.subject}（${((this.#clock.now() - startedAt) / 1000).toFixed(1)} 秒）`);
      return undefined;
    } catch (error) {
      const why = error instanceof ToolError ? error.message : failureText(error);
      return `✗ ${work.subject}：${why}`;
    } finally {
      this.#running.delete(work);
      if (this.#running.size === 0) this.#progress.end();
    }
  }

  #tell(work: Work, text: string): void {
    this.#running.set(work, text);
    const all = [...this.#running].map(([{ subject }, doing]) => `${subject}：${doing}`);
    this.#progress.step(all.join('；'));
  }
}
