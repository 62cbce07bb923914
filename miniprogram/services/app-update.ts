import type { Clock } from '../../lib/clock.ts';

/** The functions of `wx.getUpdateManager()` that are used. */
export interface UpdateManager {
  onUpdateReady(fn: () => void): void;
  applyUpdate(): void;
}

export interface UpdateDeps {
  manager: UpdateManager;
  clock: Clock;
  /** A recording runs or is being saved: a restart would end it. */
  isBusy(): boolean;
  /** Asks the user. @returns whether the app may restart now */
  ask(): Promise<boolean>;
}

/** How often it is looked whether the recording has ended, ms. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Offers a new version of the app once WeChat has loaded it, but never while a recording runs. One that is declined comes into force
 * when WeChat starts the app anew.
 */
export function offerUpdates({ manager, clock, isBusy, ask }: UpdateDeps): void {
  const offer = async (): Promise<void> => {
    if (isBusy()) {
      clock.after(LOOK_AGAIN_MS, () => void offer());
      return;
    }
    // A recording may begin while the question is shown.
    if ((await ask()) && !isBusy()) manager.applyUpdate();
  };
  manager.onUpdateReady(
    () => void offer().catch((error) => console.warn('the update was not offered', error)),
  );
}
