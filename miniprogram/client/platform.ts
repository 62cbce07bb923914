/** Events of the phone that matter to a connection. */
export interface PlatformEvents {
  /** The app is in the foreground again. */
  show(): void;
  /** The app went to the background, where sockets are closed after a few seconds. */
  hide(): void;
  /** The network came or went. */
  network(event: { isConnected: boolean }): void;
}

/** Source of those events. @returns a function that stops listening */
export type Platform = (events: PlatformEvents) => () => void;

/** A runtime's functions, by name: `onAppShow`, `offAppShow` and so on. */
export type Hooks = { [name: string]: ((listener: never) => void) | undefined };
declare const wx: Hooks | undefined;

/**
 * The events of a runtime that has WeChat's names for them: `onAppShow`, `onAppHide`, `onNetworkStatusChange`, each with an `off…`,
 * as far as it has them.
 * @param source asked at every use, since the runtime may be missing
 */
export const platformOf =
  (source: () => object | undefined | false): Platform =>
  ({ show, hide, network }) => {
    const call = (name: string, listener: unknown): void => {
      const hook = ((source() || {}) as Hooks)[name];
      if (hook) hook(listener as never);
    };
    const each = (verb: string): void => {
      call(`${verb}AppShow`, show);
      call(`${verb}AppHide`, hide);
      call(`${verb}NetworkStatusChange`, network);
    };
    each('on');
    return () => each('off');
  };

/** `wx.onAppShow`, `onAppHide` and `onNetworkStatusChange`, as far as the runtime has them. */
export const wxPlatform = platformOf(() => typeof wx === 'object' && wx);
