/** The last client of the old protocol, under a name of its own; untyped upstream. */
declare module 'socket.io-client-v2';
