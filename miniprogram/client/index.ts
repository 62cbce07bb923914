/** `cloudbase-socketio-client`: what the package gives. Other runtimes' dialers are entries of their own: see package.json. */
export type { AnyListener } from './any-listeners.ts';
export {
  type ClientOptions,
  CloudBaseSocketIOClient,
  default,
  type InternalEvent,
} from './cloudbase-socketio-client.ts';
export type { ConnectionEvents } from './connection.types.ts';
export {
  ContainerSocket,
  type ContainerSocketEvent,
  type ContainerSocketEventType,
  type ContainerSocketListener,
  type ContainerSocketOptions,
  connectContainerSocket,
} from './container-socket.ts';
export type { CallbackDial, ContainerCloud, Dial, DialRequest, SocketTask } from './dialers/dial.ts';
export { connectContainer, connectSocket } from './dialers/wx-dialers.ts';
export type { ConnectError, ConnectErrorCode, DisconnectReason } from './errors.ts';
export type { AckOf, AnyEvents, Args, ReservedEvents, WithoutAck, WithTimeout } from './events.ts';
export {
  type IoOptions,
  io,
  Manager,
  type ManagerOptions,
  type OptionAccess,
  Socket,
  type Target,
} from './io.ts';
export type { ConnectionOptions, Logger } from './options.ts';
export { type Platform, type PlatformEvents, wxPlatform as platform } from './platform.ts';
export type { Auth, SocketOptions } from './socket.ts';
export type { Packet } from './socket-codec.ts';
