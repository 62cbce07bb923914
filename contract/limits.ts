/** Every limit that two sides must agree on, in one place. Units are in the names. */

/** Sample rates that a session may have, in Hz. */
export const SAMPLE_RATES_HZ = [16_000, 8_000] as const;
/** Samples per second of audio that is taken, Hz. */
export type SampleRate = (typeof SAMPLE_RATES_HZ)[number];

/** PCM 16-bit mono. */
export const BYTES_PER_SAMPLE = 2;

/** Largest accepted `audio` frame (2 s at 16 kHz). */
export const MAX_FRAME_BYTES = 64_000;
/** Beyond it the socket is closed; well above {@link MAX_FRAME_BYTES}, so that a large frame still gets its `TOO_LARGE`. */
export const MAX_SOCKET_PAYLOAD_BYTES = 2_000_000;

/** How far ahead of the recogniser a client may send, in ms of audio. Beyond it: `TOO_FAST`. */
export const CREDIT_MS = 30_000;

/** How much unsettled audio a client keeps for replay, in ms. What is older is lost and reported. */
export const CLIENT_RING_MS = 120_000;

/** The longest gap that a client may declare lost with `skip`, ms. */
export const MAX_SKIP_MS = 4 * 3_600_000;

/** Silence is committed only when the recogniser is this far past it, in ms of audio. */
export const SILENCE_MARGIN_MS = 3_000;

/** How long an instance keeps a session whose client has disconnected. */
export const CLIENT_GRACE_MS = 120_000;
/** A live session without a heartbeat for this long has no owner: a function that reads it completes it. */
export const ORPHAN_AFTER_MS = CLIENT_GRACE_MS + 60_000;
/** An idle session's owner writes a heartbeat this often. */
export const HEARTBEAT_MS = 20_000;
/** An interrupted session can be resumed (and its buffered audio delivered) this long after its start. */
export const REOPEN_WITHIN_MS = 24 * 3_600_000;

/** `progress` is sent about this often. */
export const PROGRESS_MS = 1_000;

/** Sentences kept in the session document; a fuller tail moves to `voice_pages`. */
export const TAIL_SENTENCES = 50;
/** The same bound in bytes of JSON, for sentences with many word times. */
export const TAIL_BYTES = 200_000;

export const MAX_TITLE_CHARS = 60;
export const PREVIEW_CHARS = 80;
export const MAX_EDIT_CHARS = 2_000;
export const MAX_QUERY_CHARS = 50;
/** Edits of one `editMany`, and sentences that one `find` brings. */
export const MAX_EDITS = 200;
/** Tags of one session, and UTF-16 units of one tag. */
export const MAX_TAGS = 8;
export const MAX_TAG_CHARS = 12;
/** Pinned sessions of one user: a list shows them all at once, before its first page. */
export const MAX_PINNED = 20;
/** Tags that a list offers to filter by: those used last. */
export const MAX_TAGS_OFFERED = 30;
/** Sessions that one call deletes or restores. */
export const MAX_SESSIONS_AT_ONCE = 50;
/** Marks that a user can set in one session, those counted that were removed again. */
export const MAX_MARKS = 200;
/** Reported losses kept in a record; more are merged into the last one. */
export const MAX_LOSSES = 50;

/** Tencent: at most 128 hot words, each at most 10 Chinese characters or 30 letters, weight 1–11 or 100. */
export const MAX_HOTWORDS = 128;
export const MAX_HOTWORD_CHARS = 30;
export const MAX_HOTWORD_CJK_CHARS = 10;
/**
 * All of them together, bytes as they are sent in the address (`词|权重,…`, percent-encoded): servers and gateways in between
 * commonly refuse an address of more than 8 KB.
 */
export const MAX_HOTWORDS_BYTES = 6_000;
/** Of one hot word with its weight and separator. @throws URIError: the word is not well-formed */
export const hotwordBytes = (word: string, weight: number): number =>
  encodeURIComponent(`${word}|${weight},`).length;

/** `vad_silence_time`, ms: the range that every documented version of Tencent's page allows. */
export const SILENCE_MS = { min: 500, max: 2_000, default: 1_000 } as const;

/** A ticket is valid for this long; a client fetches a new one `TICKET_REFRESH_MS` before the end. */
export const TICKET_TTL_MS = 10 * 60_000;
export const TICKET_REFRESH_MS = 60_000;
/** Tolerated difference between the signer's and the verifier's clocks. */
export const TICKET_LEEWAY_MS = 60_000;

/** One-shot recognition (Tencent SentenceRecognition): 60 s, and 3 MB after Base64. */
export const ONESHOT_MAX_MS = 60_000;
export const ONESHOT_MAX_BASE64_BYTES = 3 * 1024 * 1024;

/**
 * CloudBase's HTTP access: a body of a text type, bytes; other types may have 6 MB (docs.cloudbase.net,
 * EXCEED_MAX_PAYLOAD_SIZE).
 */
export const HTTP_MAX_TEXT_BYTES = 100 * 1024;

/** An uploaded file that nobody asked to recognise is deleted after this. */
export const UPLOAD_KEPT_MS = 24 * 3_600_000;

/** Files of recorded audio that one call prepares, or reports as uploaded. */
export const MAX_AUDIO_FILES_A_CALL = 20;
/** Addresses for a download that one call makes (`getTempFileURL`: at most 50). */
export const MAX_AUDIO_URLS = 50;
/** Files of recorded audio of one record, 240 MB: more than fits on a phone. */
export const MAX_AUDIO_FILES = 1_000;
/** How long an address for a download of recorded audio holds. */
export const AUDIO_URL_VALID_MS = 10 * 60_000;

/** How long a deleted record can be restored; then it is purged. */
export const RESTORE_WITHIN_MS = 24 * 3_600_000;

/** Samples in `ms` of audio, rounded down. */
export const msToSamples = (ms: number, rateHz: number): number => Math.floor((ms * rateHz) / 1000);
/** Audio time of a position, in ms; rounded, since times are shown and stored as whole ms. */
export const samplesToMs = (samples: number, rateHz: number): number => Math.round((samples * 1000) / rateHz);
