import type { VoiceError } from '../contract/errors.ts';
import { ownerNumber, SESSIONS, type SessionRecord } from '../contract/records.ts';
import { remove, rename, restore } from '../functions/history/change.ts';
import { cleanUp } from '../functions/history/clean-up.ts';
import { deleteAll } from '../functions/history/delete-all.ts';
import { edit } from '../functions/history/edit.ts';
import { get } from '../functions/history/get.ts';
import { list } from '../functions/history/list.ts';
import type { CallContext, TimerContext } from '../functions/shared/define.ts';
import type { Random } from '../lib/random.ts';
import type { SimDatabase } from './database.ts';
import { storeOf } from './functions-store.ts';
import { EPOCH_MS, type Scheduler, SimulatedHost } from './scheduler.ts';

/** The timer `purge` of the functions. */
export const CLEAN_UP_EVERY_MS = 60_000;
/** The platform ends a call after this time, ms (`timeout` of the functions in cloudbaserc.json). */
const FUNCTION_MS = 30_000;
/** Calls of `deleteAll` until it says that it is done, at most. */
const MAX_DELETE_ALL_CALLS = 20;

/** What a person does on the history page. */
export type HistoryKind = 'list' | 'edit' | 'rename' | 'delete' | 'restore' | 'delete-all';

/** What a person has asked for about one recording. */
export interface HistoryOf {
  /** A deletion was asked for, whether it was answered or not. */
  deleted: boolean;
  /** The newest edit of each sentence. */
  edits: Map<number, EditOf>;
}

/** One edit of a sentence. */
interface EditOf {
  text: string;
  /** It was answered, and no other one was asked for. */
  sure: boolean;
  /** Of which record: after all data were deleted, a phone may have created another one under the same id. */
  creation: number | undefined;
}

/** Tells the records apart that were created under one id; undefined: there is none. */
export const creationOf = (record: SessionRecord | undefined): number | undefined =>
  record && record.epoch - ownerNumber(record);

export interface CloudInit {
  scheduler: Scheduler;
  database: SimDatabase;
  random: Random;
  newId: () => string;
  log: (line: string) => void;
  broken: (rule: string, detail: string) => void;
}

/** The cloud functions: each call runs in a process of its own, which may be ended in the middle. */
export class Cloud {
  /** How far the functions' clock is wrong, ms. */
  skewMs = 0;
  /** So many of the next calls are ended in the middle. */
  deaths = 0;
  cleanUpEveryMs = CLEAN_UP_EVERY_MS;
  readonly hosts = new Set<SimulatedHost>();
  readonly #init: CloudInit;
  readonly #history = new Map<string, HistoryOf>();
  #calls = 0;
  #stopped = false;

  constructor(init: CloudInit) {
    this.#init = init;
    this.#scheduleCleanUp();
  }

  /** By the functions' clock, epoch ms. */
  get now(): number {
    return EPOCH_MS + this.#init.scheduler.nowMs + this.skewMs;
  }

  /** No more timers. */
  stop(): void {
    this.#stopped = true;
  }

  historyOf(sessionId: string): HistoryOf {
    const known = this.#history.get(sessionId) ?? { deleted: false, edits: new Map() };
    this.#history.set(sessionId, known);
    return known;
  }

  /** A person does something with a recording of theirs. */
  history(openid: string, sessionId: string, kind: HistoryKind): void {
    const known = this.historyOf(sessionId);
    const run: Record<HistoryKind, (call: CallContext) => Promise<unknown>> = {
      list: (call) => this.#list(call, openid),
      edit: (call) => this.#edit(call, sessionId, known),
      rename: (call) => rename({ action: 'rename', sessionId, title: `第 ${this.#calls} 次` }, call),
      delete: (call) => remove({ action: 'delete', sessionId }, call),
      restore: (call) => restore({ action: 'restore', sessionId }, call),
      'delete-all': (call) => this.#deleteAll(call, openid, 1),
    };
    if (kind === 'delete') known.deleted = true;
    this.#invoke(`history:${kind}`, (call) => run[kind]({ ...call, caller: { openid, via: 'wechat' } }));
  }

  /** All recordings of a person. */
  deleteAllOf(openid: string, sessionIds: readonly string[]): void {
    for (const sessionId of sessionIds) this.historyOf(sessionId).deleted = true;
    this.history(openid, '', 'delete-all');
  }

  #scheduleCleanUp(): void {
    this.#init.scheduler.schedule(this.cleanUpEveryMs, () => {
      if (this.#stopped) return;
      this.#scheduleCleanUp();
      this.#invoke('clean-up', cleanUp);
    });
  }

  #invoke(name: string, work: (call: TimerContext) => Promise<unknown>): void {
    const { scheduler, database, random, newId, log, broken } = this.#init;
    this.#calls += 1;
    const host = new SimulatedHost(`function-${this.#calls}`, scheduler);
    host.skewMs = this.skewMs;
    this.hosts.add(host);
    const end = () => {
      host.kill();
      this.hosts.delete(host);
    };
    if (this.deaths > 0) {
      this.deaths -= 1;
      scheduler.schedule(random.int(1, 200), end);
    }
    scheduler.schedule(FUNCTION_MS, () => {
      if (!host.alive) return;
      broken('a function ends within its time limit', name);
      end();
    });
    const call: TimerContext = {
      nowMs: host.now(),
      clock: host,
      newId,
      store: storeOf(database, host, () => random.next()),
      env: {},
      warn: (what, error) => log(`${host.name} ${name} warns ${what} ${(error as VoiceError).code}`),
    };
    const done = (how: string) => {
      if (host.alive && name !== 'clean-up') log(`${host.name} ${name} ${how}`);
      end();
    };
    work(call).then(
      () => done('ok'),
      (error) => {
        const { code } = error as Partial<VoiceError>;
        if (code === undefined || code === 'INTERNAL')
          broken('functions fail with a stable code', `${name}: ${(error as Error).stack ?? error}`);
        done(`${code}`);
      },
    );
  }

  async #list(call: CallContext, openid: string): Promise<void> {
    const { items } = await list({ action: 'list' }, call);
    for (const { sessionId } of items) this.#checkOwner(sessionId, openid);
    const [first] = items;
    if (first) await get({ action: 'get', sessionId: first.sessionId }, call);
  }

  async #edit(call: CallContext, sessionId: string, { edits }: HistoryOf): Promise<void> {
    const { sentences } = await get({ action: 'get', sessionId }, call);
    const chosen = sentences[Math.floor(this.#init.random.next() * sentences.length)];
    if (!chosen) return;
    const text = `改过 ${this.#calls}`;
    const creation = creationOf(this.#init.database.read(SESSIONS, sessionId) as SessionRecord | undefined);
    const before = edits.get(chosen.index);
    const isFirst = before?.creation !== creation || before?.sure !== false;
    edits.set(chosen.index, { text, sure: false, creation });
    await edit({ action: 'edit', sessionId, index: chosen.index, text }, call);
    if (isFirst && edits.get(chosen.index)?.text === text)
      edits.set(chosen.index, { text, sure: true, creation });
  }

  /** The page calls again until all is done. */
  async #deleteAll(call: CallContext, openid: string, calls: number): Promise<void> {
    const { done } = await deleteAll({ action: 'deleteAll', confirm: true }, call);
    if (done) return;
    if (calls >= MAX_DELETE_ALL_CALLS) this.#init.broken('everything is deleted in the end', openid);
    else
      this.#invoke('history:delete-all', (next) =>
        this.#deleteAll({ ...next, caller: call.caller }, openid, calls + 1),
      );
  }

  #checkOwner(sessionId: string, openid: string): void {
    const record = this.#init.database.read(SESSIONS, sessionId) as SessionRecord | undefined;
    if (record && record._openid !== openid)
      this.#init.broken('people see their own records only', `${openid} sees ${sessionId}`);
  }
}
