import { SOCKET_IO_CLIENTS } from '../../testing/clients/socketio.ts';
import { describeTransports } from '../../testing/contract/transport-contract.ts';

describeTransports(SOCKET_IO_CLIENTS);
