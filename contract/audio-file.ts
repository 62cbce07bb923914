/** Most samples in one file of recorded audio: 30 s at 16 kHz, 240 KB of IMA ADPCM. */
export const MAX_AUDIO_FILE_SAMPLES = 30 * 16_000;

/**
 * Name of a file of recorded audio: `<sessionId>.<startedAt>.<rateHz>.<fromPos>.<samples>.adpcm`, on the phone and in the cloud
 * storage. `startedAt`: epoch ms by the phone; `fromPos`: position of the first sample in the session's audio.
 */
export const AUDIO_FILE_NAME = /^([\w-]{1,64})\.(\d{1,15})\.(\d{4,5})\.(\d{1,15})\.(\d{1,9})\.adpcm$/;

/** Where a file of recorded audio is in its owner's upload folder. */
export const audioUploadName = (name: string): string => `audio/${name}`;
