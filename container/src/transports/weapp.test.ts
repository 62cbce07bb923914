import { WEAPP_CLIENTS } from '../../testing/clients/weapp.ts';
import { describeTransports } from '../../testing/contract/transport-contract.ts';

describeTransports(WEAPP_CLIENTS);
