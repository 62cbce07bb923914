import { PageData } from 'cloudbase-voice';
import type { Clock } from '../../../lib/clock.ts';
import type { CurrentRecording } from '../../services/current-recording.ts';
import { type BarView, barOf, HIDDEN_BAR, levelStep } from './model.ts';

/** Follows the app's recording while its page is shown, and sends what has changed to the bar's view. */
export class RecordingFollower {
  readonly #current: Pick<CurrentRecording, 'on' | 'snapshot' | 'needsAttention'>;
  readonly #view: PageData<BarView>;
  #subscriptions: (() => void)[] = [];

  constructor(
    current: Pick<CurrentRecording, 'on' | 'snapshot' | 'needsAttention'>,
    clock: Clock,
    send: (patch: Record<string, unknown>) => void,
  ) {
    this.#current = current;
    this.#view = new PageData<BarView>(send, clock, HIDDEN_BAR);
  }

  /** For `attached`, and the page's `show`. */
  show(): void {
    this.hide();
    this.#subscriptions = [
      this.#current.on('changed', () => this.#update()),
      this.#current.on('level', (level) => this.#view.set({ level: levelStep(level) })),
    ];
    this.#update();
    this.#view.show();
  }

  /** For `detached`, and the page's `hide`: nothing is followed and nothing sent. */
  hide(): void {
    for (const off of this.#subscriptions.splice(0)) off();
    this.#view.hide();
  }

  #update(): void {
    const { snapshot, needsAttention } = this.#current;
    this.#view.set(barOf(snapshot, needsAttention));
  }
}
