import { createVoiceService } from 'cloudbase-voice';

/** 整个小程序用一个。有几个云环境时写 createVoiceService({ env: '环境 ID', service }) */
export const voice = createVoiceService({ service: 'realtime-voice' });
