import type { HistoryAnswers } from '../../../contract/functions.ts';
import type { CloudApi } from '../../services/cloud.ts';
import type { DeletedSession } from '../../utils/recently-deleted.ts';
import { titleOf } from '../../utils/summary.ts';
import type { Entry } from './items.ts';

interface Deletion {
  entries: readonly Entry[];
  /** Settles when the service has answered: a restoration that came first would be in vain. Never rejects. */
  answered: Promise<unknown>;
}

/** Deletes sessions, one or several at once, and takes the last deletion back. */
export class Removals {
  readonly #cloud: Pick<CloudApi, 'history'>;
  #last: Deletion | null = null;

  constructor(cloud: Pick<CloudApi, 'history'>) {
    this.#cloud = cloud;
  }

  /** What can be taken back, in words; empty: nothing. */
  get undoText(): string {
    const [first, ...others] = this.#last?.entries ?? [];
    if (first === undefined) return '';
    return others.length === 0 ? `「${titleOf(first.session)}」` : ` ${others.length + 1} 条记录`;
  }

  forget(): void {
    this.#last = null;
  }

  /** @throws VoiceError, LocalError: nothing is deleted, or it is not known */
  async remove(entries: readonly Entry[]): Promise<DeletedSession[]> {
    const request = this.#request(entries.map(({ session }) => session.sessionId));
    const deletion = { entries, answered: request.catch(() => {}) };
    this.#last = deletion;
    try {
      const until = new Map((await request).map((one) => [one.sessionId, one.restorableUntil]));
      return entries.map(({ session }) => ({
        sessionId: session.sessionId,
        title: titleOf(session),
        restorableUntil: until.get(session.sessionId) ?? 0,
      }));
    } catch (error) {
      if (this.#last === deletion) this.#last = null;
      throw error;
    }
  }

  /** Takes the last deletion back. @returns what is there again @throws VoiceError, LocalError */
  async undo(): Promise<readonly Entry[]> {
    const deletion = this.#last;
    if (deletion === null) return [];
    this.#last = null;
    await deletion.answered;
    const ids = deletion.entries.map(({ session }) => session.sessionId);
    const [sessionId] = ids;
    if (sessionId !== undefined && ids.length === 1) {
      await this.#cloud.history('restore', { sessionId });
      return deletion.entries;
    }
    const { restored } = await this.#cloud.history('restoreMany', { sessionIds: ids });
    return deletion.entries.filter(({ session }) => restored.includes(session.sessionId));
  }

  async #request(ids: readonly string[]): Promise<HistoryAnswers['delete'][]> {
    const [sessionId] = ids;
    if (sessionId !== undefined && ids.length === 1)
      return [await this.#cloud.history('delete', { sessionId })];
    return (await this.#cloud.history('deleteMany', { sessionIds: [...ids] })).deleted;
  }
}
