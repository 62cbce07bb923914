/** `cloudbase-socketio-client`: what the package gives. Other runtimes' dialers are entries of their own: see package.json. */
export { CloudBaseSocketIOClient, default } from './cloudbase-socketio-client.ts';
export { ContainerSocket, connectContainerSocket } from './container-socket.ts';
export { connectContainer, connectSocket } from './dialers/wx-dialers.ts';
export { io, Manager, Socket } from './io.ts';
export { wxPlatform as platform } from './platform.ts';
