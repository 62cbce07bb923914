/** Older clients under names of their own. Version 2 has no types; those of version 3 cannot be found through its `exports`. */
declare module 'socket.io-client-v2';
declare module 'socket.io-client-v3';
