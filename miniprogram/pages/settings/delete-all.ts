import { problemOf } from 'cloudbase-voice';
import type { CloudApi } from '../../services/cloud.ts';

/** What the page shows of the deletion of all data. */
export interface DeletionView {
  /** `blocked`: a recording is running. `failed`: it stopped midway, and goes on when it is started again. */
  state: 'idle' | 'blocked' | 'running' | 'failed' | 'done';
  text: string;
}

export const NOT_STARTED: DeletionView = { state: 'idle', text: '' };

/** Calls in a row that remove nothing; the first ones of a long list only hide its records. */
const MAX_IDLE_CALLS = 20;

export interface DeletionDeps {
  cloud: Pick<CloudApi, 'history'>;
  /** Whether a recording is running or being uploaded. */
  isRecording: () => boolean;
  /** Removes what this phone keeps: recordings that are not uploaded, which would become records again, and the list of deleted records. */
  clearPhone: () => Promise<void>;
  show: (view: DeletionView) => void;
}

/**
 * Deletes all of the user's data: on this phone first, then in the cloud, call by call until the service has confirmed that nothing
 * is left. After a failure the same call goes on where it stopped.
 */
export class DataDeletion {
  readonly #deps: DeletionDeps;
  #sessions = 0;
  #running = false;

  constructor(deps: DeletionDeps) {
    this.#deps = deps;
  }

  /** Does nothing while it runs. Never rejects. */
  async run(): Promise<void> {
    if (this.#running) return;
    const { isRecording, show } = this.#deps;
    if (isRecording()) return show({ state: 'blocked', text: '正在录音或上传，请结束后再删除。' });
    this.#running = true;
    try {
      show({ state: 'running', text: this.#progress() });
      await this.#deps.clearPhone();
      await this.#deleteInCloud();
      show({ state: 'done', text: `已全部删除（${this.#sessions} 条记录），云端已确认没有剩余。` });
      this.#sessions = 0;
    } catch (error) {
      const text = `还没有删完，已删除 ${this.#sessions} 条记录。${problemOf(error).hint}已删除的不会恢复，点「继续删除」接着删。`;
      show({ state: 'failed', text });
    } finally {
      this.#running = false;
    }
  }

  async #deleteInCloud(): Promise<void> {
    for (let idle = 0; idle < MAX_IDLE_CALLS; ) {
      const { done, deleted } = await this.#deps.cloud.history('deleteAll', { confirm: true });
      this.#sessions += deleted.sessions;
      if (done) return;
      idle = Object.values(deleted).some((count) => count > 0) ? 0 : idle + 1;
      this.#deps.show({ state: 'running', text: this.#progress() });
    }
    throw new Error('deleteAll removes nothing any more');
  }

  #progress(): string {
    return `正在删除，请保持小程序打开。已删除 ${this.#sessions} 条记录`;
  }
}
