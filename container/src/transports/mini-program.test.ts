import { MINI_PROGRAM_CLIENT } from '../../testing/clients/mini-program.ts';
import { describeTransports } from '../../testing/contract/transport-contract.ts';

describeTransports([MINI_PROGRAM_CLIENT]);
