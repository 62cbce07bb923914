import type { Random } from '../lib/random.ts';
import { type PendingOutcome, resumePending } from '../miniprogram/voice/saved/pending.ts';
import { StreamingSession } from '../miniprogram/voice/session/streaming-session.ts';
import type { Line } from '../miniprogram/voice/session/voice-session.types.ts';
import { type AppEnd, AppSession, type Tap } from './app-session.ts';
import { Files, Handset, type SentFrame } from './handset.ts';
import type { Link } from './network.ts';
import type { Scheduler, SimulatedHost } from './scheduler.ts';
import { audioOf, firstEndingAfter, type SpokenWord } from './speech.ts';

/** Length of the frames that the recorder delivers, ms. */
const FRAME_MS = 200;
/** The same where nobody speaks for long, so that hours of silence cost little to simulate. */
const QUIET_FRAME_MS = 1_000;
const QUIET_FROM_MS = 5_000;
/** A person who cannot get a recording to this phone taps again after this, ms, and gives up after so many taps. */
const TAKE_AGAIN_MS = 5_000;
const TAKE_TAPS = 20;
/** What cannot be delivered is tried again after this, ms: the person opens the app again. */
const DELIVER_AGAIN_MS = 60_000;

/** A pause that the person makes. */
export interface UserPause {
  /** Position in the recording. */
  atMs: number;
  ms: number;
}

/** What a person does with one recording. */
export interface SessionPlan {
  number: number;
  openid: string;
  startAtMs: number;
  lengthMs: number;
  words: readonly SpokenWord[];
  end: 'stop' | 'cancel';
  /** Share of the frames that are sent twice. */
  repeatShare: number;
  /** Most audio that the phone keeps, ms; undefined: as the app, 120 s. */
  ringMs?: number;
  /** The app is killed this long after the start, ms. */
  killAfterMs?: number;
  /** It is started again after this time, ms; undefined: never. */
  restartAfterMs?: number;
  /** With the mini-program's own recorder and page logic. */
  microphone?: boolean;
  /** How far the phone's clock is wrong, ms. */
  skewMs?: number;
  pauses?: readonly UserPause[];
}

/** What happens to a phone, or what its person does, besides recording. */
export type PhoneEvent =
  | { kind: 'hide'; ms: number }
  | { kind: 'call'; ms: number }
  | { kind: 'denied' }
  | { kind: 'skew'; ms: number }
  | { kind: 'taps'; taps: readonly { what: Tap; afterMs: number }[] }
  /** The recording is opened on a second phone; after `backMs` the person takes it back to the first one. */
  | { kind: 'second-phone'; backMs?: number }
  /** The person leaves the page; what is not delivered is delivered later. */
  | { kind: 'leave'; returnMs: number };

/** How a recording ended for the person. */
export interface SessionOutcome {
  how: 'completed' | 'cancelled' | 'failed' | 'delivered' | 'abandoned';
  error?: string;
  lines: readonly Line[];
  recordedMs: number;
  /** Of recordings that were delivered after a restart. */
  pending?: PendingOutcome;
}

export interface PhoneInit {
  scheduler: Scheduler;
  random: Random;
  linkFor: (party: SimulatedHost) => Link;
  log: (line: string) => void;
  /** Audio that waits on the phone, ms, looked at now and then. */
  onBuffered: (ms: number) => void;
  /** A frame of audio is sent. */
  onFrame: (frame: SentFrame) => void;
}

/** A person with one recording, on one phone or two. */
export class Phone {
  readonly plan: SessionPlan;
  readonly sessionId: string;
  outcome: SessionOutcome | undefined;
  /** All that ran on the person's phones. */
  readonly handsets: Handset[] = [];
  readonly apps: AppSession[] = [];
  readonly #init: PhoneInit;
  readonly #files = new Files();
  #handset: Handset;
  /** The app that records. */
  #app: AppSession | undefined;
  /** The app that has asked for the recording and does not have it yet. */
  #taking: AppSession | undefined;
  #nextPause = 0;
  #silentUntilMs = 0;
  #frames = 0;
  #delivering = false;

  constructor(plan: SessionPlan, init: PhoneInit) {
    this.plan = plan;
    this.sessionId = `session-${String(plan.number).padStart(4, '0')}`;
    this.#init = init;
    this.#handset = this.#newHandset('', this.#files);
    this.#handset.party.after(plan.startAtMs, () => this.#start());
    const { killAfterMs } = plan;
    if (killAfterMs !== undefined) init.scheduler.schedule(plan.startAtMs + killAfterMs, () => this.#kill());
  }

  get link(): Link {
    return this.#handset.link;
  }
  get party(): SimulatedHost {
    return this.#handset.party;
  }
  get handset(): Handset {
    return this.#handset;
  }

  /** Something happens to the phone or is done with it; without effect where there is no recording. */
  apply(event: PhoneEvent): void {
    const app = this.#app;
    if (this.outcome || !app || !this.party.alive || this.#delivering) return;
    if (event.kind === 'hide') this.#hide(app, event.ms);
    else if (event.kind === 'call') this.#call(app, event.ms);
    else if (event.kind === 'denied') this.#deny(app);
    else if (event.kind === 'skew') app.handset.party.skewMs = event.ms;
    else if (event.kind === 'second-phone') this.#openElsewhere(app, event.backMs);
    else if (event.kind === 'leave') this.#leave(app, event.returnMs);
    else
      for (const { what, afterMs } of event.taps)
        app.handset.party.after(afterMs, () => {
          if (!this.outcome) app.tap(what);
        });
  }

  #newHandset(suffix: string, files: Files): Handset {
    const { scheduler, random, linkFor, onFrame } = this.#init;
    const { number, openid, skewMs = 0, repeatShare, ringMs } = this.plan;
    const handset = new Handset({
      name: `phone-${number}${suffix}`,
      scheduler,
      random,
      linkFor,
      files,
      openid,
      clientId: `client-${String(number).padStart(4, '0')}${suffix === '-second' ? 'b' : ''}`,
      sessionId: this.sessionId,
      skewMs,
      repeatShare,
      ringMs,
      onFrame,
    });
    this.handsets.push(handset);
    return handset;
  }

  #newApp(handset: Handset): AppSession {
    const app: AppSession = new AppSession(handset, new StreamingSession(handset.deps), {
      log: this.#init.log,
      ended: (end) => this.#ended(app, end),
    });
    this.apps.push(app);
    this.#app = app;
    return app;
  }

  #start(): void {
    const { number, words, lengthMs, microphone } = this.plan;
    const app = this.#newApp(this.#handset);
    if (microphone)
      app.useMicrophone({
        lengthMs,
        audio: (fromMs, toMs) => audioOf(number, words, fromMs, toMs),
        heard: (ms) => this.#heard(app, ms),
      });
    app.begin(number % 2 === 0);
    if (!microphone) this.#record(app);
  }

  /** The microphone of a phone that is simulated without a recorder. */
  #record(app: AppSession): void {
    const { number, words, lengthMs, pauses = [] } = this.plan;
    const fromMs = app.recordedMs;
    const frameMs = this.#isQuiet(fromMs) ? QUIET_FRAME_MS : FRAME_MS;
    const pause = pauses[this.#nextPause];
    if (pause && fromMs >= pause.atMs) {
      this.#nextPause += 1;
      app.handset.party.after(pause.ms, () => this.#record(app));
      return;
    }
    app.handset.party.after(frameMs, () => {
      if (this.outcome || app !== this.#app || app.end || !app.handset.party.alive) return;
      const waitMs = this.#silentUntilMs - this.#init.scheduler.nowMs;
      if (waitMs > 0) {
        app.handset.party.after(waitMs, () => this.#record(app));
        return;
      }
      // The container may have more audio than this phone, which then goes on from there.
      const atMs = app.recordedMs;
      const toMs = Math.min(lengthMs, atMs + frameMs);
      if (toMs > atMs) app.session.push(audioOf(number, words, atMs, toMs));
      this.#frames += 1;
      if (this.#frames % 32 === 0) this.#init.onBuffered(app.session.status.bufferedMs);
      if (app.recordedMs < lengthMs && toMs > atMs) this.#record(app);
      else app.tap(this.plan.end);
    });
  }

  /** The recorder of a phone that has one has come as far as `ms`. */
  #heard(app: AppSession, ms: number): void {
    const pause = this.plan.pauses?.[this.#nextPause];
    if (ms >= this.plan.lengthMs) app.handset.party.after(0, () => app.tap(this.plan.end));
    else if (pause && ms >= pause.atMs) {
      this.#nextPause += 1;
      app.handset.party.after(0, () => app.pause(pause.ms));
    }
  }

  /** Nobody speaks for a while from `ms` on. */
  #isQuiet(ms: number): boolean {
    const { words } = this.plan;
    const next = words[firstEndingAfter(words, ms)];
    return ms > 0 && ms % QUIET_FRAME_MS === 0 && (!next || next.startMs > ms + QUIET_FROM_MS);
  }

  #hide(app: AppSession, ms: number): void {
    this.#silentUntilMs = this.#init.scheduler.nowMs + ms + 1_000;
    app.handset.hide(ms, () => app.shown());
  }

  #call(app: AppSession, ms: number): void {
    if (app.microphone) app.microphone.call(ms);
    else this.#silentUntilMs = this.#init.scheduler.nowMs + ms;
  }

  #deny(app: AppSession): void {
    if (app.microphone) app.microphone.deny();
    else app.tap('stop');
  }

  /** The person opens the recording on a second phone, and speaks there once the container has given it to that one. */
  #openElsewhere(first: AppSession, backMs: number | undefined): void {
    if (this.apps.length > 1 || this.plan.killAfterMs !== undefined || first.microphone) return;
    const handset = this.#newHandset('-second', new Files());
    const second = this.#newApp(handset);
    this.#take(second, () => second.session.start({ wordTimes: this.plan.number % 2 === 0 }), TAKE_TAPS);
    if (backMs !== undefined)
      first.handset.party.after(backMs, () => {
        if (this.outcome || first.end?.code !== 'TAKEN_OVER') return;
        this.#app = first;
        this.#take(first, () => first.session.reclaim(), TAKE_TAPS);
      });
  }

  /** Only a person takes a recording from another phone: where that was in vain, they tap again. */
  #take(app: AppSession, ask: () => Promise<void>, taps: number): void {
    const asked = ask();
    app.track('take', asked);
    this.#taking = app;
    asked.then(
      () => {
        if (app === this.#taking) this.#taking = undefined;
        if (app === this.#app && !app.end && !this.outcome) this.#record(app);
      },
      () => {
        if (taps === 0 || this.outcome || app !== this.#app || app.end?.code !== 'TAKEN_OVER') return;
        app.handset.party.after(TAKE_AGAIN_MS, () => {
          if (!this.outcome && app === this.#app) this.#take(app, () => app.session.reclaim(), taps - 1);
        });
      },
    );
  }

  #leave(app: AppSession, returnMs: number): void {
    const other = this.apps.find((one) => one !== app && !one.end);
    app.tap('leave');
    if (other && app === this.#taking) {
      // The recording was asked for here in vain: it goes on where it is.
      this.#app = other;
      this.#record(other);
      return;
    }
    this.#delivering = true;
    app.handset.party.after(returnMs, () => void this.#deliver(app.handset));
  }

  /** What an app's session ended with is the recording's end, unless it goes on in another app. */
  #ended(app: AppSession, { how, code, wasTakenOver = false }: AppEnd): void {
    if (this.outcome || this.#delivering || how === 'left') return;
    const other = this.apps.find((one) => one !== app && !one.end);
    const neverHadIt = app.session.status.link === 'connecting';
    const isElsewhere = neverHadIt || wasTakenOver;
    if (other && (code === 'TAKEN_OVER' || (how === 'cancelled' && isElsewhere))) {
      // The recording goes on at the other phone; whoever has not got it here yet taps again.
      if (app === this.#app && (how === 'cancelled' || !neverHadIt)) {
        this.#app = other;
        this.#record(other);
      }
      return;
    }
    if (other?.isCancelling && (code === 'SESSION_ENDED' || code === 'SESSION_DELETED')) {
      // It was cancelled at the other phone, which has not heard of it yet and tells how the recording ended.
      this.#app = other;
      return;
    }
    if (code === 'TAKEN_OVER' && app === this.#app && this.apps.length > 1) {
      // The other phone was left while its request was still on its way, and got the recording: the person takes it back.
      app.handset.party.after(TAKE_AGAIN_MS, () => {
        if (!this.outcome) this.#take(app, () => app.session.reclaim(), TAKE_TAPS);
      });
      return;
    }
    this.#end(app, { how, ...(code !== undefined && { error: code }) });
  }

  #end(app: AppSession | undefined, outcome: Omit<SessionOutcome, 'lines' | 'recordedMs'>): void {
    if (this.outcome) return;
    this.outcome = { ...outcome, lines: app?.lines ?? [], recordedMs: app?.recordedMs ?? 0 };
    this.#init.log(`${this.party.name} ${outcome.how} ${outcome.error ?? ''}`);
    // Not at once: the product is still in the middle of what led to this.
    for (const one of this.apps) one.handset.party.after(0, () => one.dispose());
  }

  /** The system ends the app; later it is started again, and delivers what it had saved. */
  #kill(): void {
    if (this.outcome) return;
    this.#init.log(`${this.party.name} killed`);
    this.#handset.kill();
    this.#app = undefined;
    const { restartAfterMs } = this.plan;
    if (restartAfterMs === undefined) {
      this.#end(undefined, { how: 'abandoned' });
      return;
    }
    this.#delivering = true;
    this.#init.scheduler.schedule(restartAfterMs, () => {
      this.#handset = this.#newHandset('b', this.#files);
      void this.#deliver(this.#handset);
    });
  }

  async #deliver({ party, deps }: Handset): Promise<void> {
    for (;;) {
      const [outcome] = await resumePending(deps);
      if (outcome?.result !== 'pending') {
        this.#end(undefined, { how: 'delivered', ...(outcome && { pending: outcome }) });
        return;
      }
      // The other phone has got it after all, when its request came through at last: the person ends it there.
      if (outcome.error?.code === 'TAKEN_OVER') this.apps.find(({ end }) => !end)?.tap('stop');
      await new Promise<void>((resolve) => void party.after(DELIVER_AGAIN_MS, resolve));
    }
  }
}
