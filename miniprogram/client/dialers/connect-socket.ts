import type { Dial, SocketTask } from './dial.ts';

declare const wx: {
  connectSocket(option: { url: string; header: Record<string, string> }): SocketTask;
};

/**
 * For people who have a filed domain: `wx.connectSocket`.
 * @param base `wss://host`, in the mini-program's list of socket domains
 */
export const connectSocket =
  (base: string): Dial =>
  ({ path, header }) =>
    wx.connectSocket({ url: base + path, header });
