import { NATIVE_CLIENTS } from '../../testing/clients/native.ts';
import { describeTransports } from '../../testing/contract/transport-contract.ts';

describeTransports(NATIVE_CLIENTS);
