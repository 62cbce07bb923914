/** What the client uses of WeChat's `SocketTask`. It has no `off*`: each listener is registered once. */
export interface SocketTask {
  /** Not needed for Socket.IO, whose server speaks first. */
  onOpen?(fn: () => void): void;
  /** Each message: text, or an ArrayBuffer. */
  onMessage(fn: (message: { data: unknown }) => void): void;
  /** It is closed; nothing follows. */
  onClose(fn: (event: { code?: number; reason?: string }) => void): void;
  /** It failed; `onClose` may follow. */
  onError(fn: (event: { errMsg?: string }) => void): void;
  /** Sends text or binary, and reports when the runtime has taken it. */
  send(option: {
    data: string | ArrayBuffer;
    success?: (() => void) | undefined;
    fail?: ((event: { errMsg?: string }) => void) | undefined;
  }): void;
  /** Closes it with a code, 1000 by default. */
  close(option: { code?: number; reason?: string }): void;
}

/** What is used of `wx.cloud`, or of an instance of `wx.cloud.Cloud`. */
export interface ContainerCloud {
  /** As `wx.cloud.connectContainer`, by callbacks. */
  connectContainer(option: {
    service: string;
    path: string;
    header: Record<string, string>;
    config?: { env: string };
    success: (result: { socketTask: SocketTask }) => void;
    fail: (error: unknown) => void;
  }): unknown;
}

/** What a dialer is asked for. */
export interface DialRequest {
  /** The container service's name, or the server's address: see `ConnectionOptions.service`. */
  service: string;
  /** Path and query, with `EIO=4&transport=websocket`. */
  path: string;
  /** HTTP headers of the handshake. */
  header: Record<string, string>;
  /** CloudBase environment, only where one was given. */
  env?: string | undefined;
  /** Instead of `wx.cloud`. */
  cloud?: ContainerCloud | undefined;
}

/**
 * Opens one socket, which need not be open yet, and calls `opened` with it in the turn in which the runtime hands it out: on iOS
 * 15 and below `then` runs in a later task, and the server's first frame may come before it.
 */
export type CallbackDial = (
  request: DialRequest,
  opened: (task: SocketTask) => void,
  failed: (error: unknown) => void,
) => void;

/** A {@link CallbackDial}; or, where promises settle in microtasks, it may return the socket or a promise of it. Throws or rejects where it cannot be opened. */
export type Dial = (
  ...args: Parameters<CallbackDial>
  // biome-ignore lint/suspicious/noConfusingVoidType: what a CallbackDial returns
) => SocketTask | Promise<SocketTask> | void;

/** @param task undefined while dialling */
export function closeTask(
  task: SocketTask | undefined,
  option: { code: number; reason?: string } = { code: 1000 },
): void {
  try {
    (task as SocketTask).close(option);
  } catch (_) {
    // Already closed, or not there yet.
  }
}
