import { CONTAINER_SOCKET_CLIENT } from '../../testing/clients/container-socket.ts';
import { describeTransports } from '../../testing/contract/transport-contract.ts';

describeTransports([CONTAINER_SOCKET_CLIENT]);
