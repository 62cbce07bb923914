import type { Device, Theme } from '../device.ts';

/** What tests and people may do with the simulated phone: `window.__host`. */
export interface HostControls {
  /** Reloads the app as another user. */
  useUser(openid: string): void;
  setTheme(theme: Theme): void;
  background(): void;
  foreground(): void;
  setOnline(online: boolean): void;
  /** Drops every socket; new ones can be opened at once. */
  cutSockets(): void;
  /** A phone call begins or ends. */
  interrupt(active: boolean): void;
  /** Kills the container that serves the page. Resolves with whether there was one. */
  killContainer(): Promise<boolean>;
  /** What the user answers when asked for a permission; undefined shows the dialog. */
  setPermissionAnswer(allowed: boolean | undefined): void;
  setPrivacy(privacy: Partial<Device['privacy']>): void;
  device(): Device;
}
