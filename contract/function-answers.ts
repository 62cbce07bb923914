import type { Loss, SessionState } from './records.ts';
import type { Word } from './stream.ts';

/** A record of the history, without its sentences. */
export interface SessionSummary {
  /** Id of the session. */
  sessionId: string;
  /** `stream`: recorded and recognised at the same time; `oneshot`: a file that was recognised as a whole. */
  source: 'stream' | 'oneshot';
  /** Whether it goes on, and how it ended. */
  state: SessionState;
  /** Name of the engine. */
  engine: string;
  /** Empty where the user gave none. */
  title: string;
  /** The first characters of the text. */
  preview: string;
  /** Epoch ms. */
  startedAt: number;
  /** Epoch ms; null: it has not ended. */
  endedAt: number | null;
  /** Length of the audio, ms. */
  durationMs: number;
  /** Number of sentences. */
  sentenceCount: number;
  /** Characters of the text without white space, punctuation and symbols. */
  charCount: number;
  /** Audio that was not recognised. */
  losses: Loss[];
  /** Epoch ms; only of a pinned session. */
  pinnedAt?: number;
  /** Only of a session that has some. */
  tags?: string[];
  /** Moments that the user marked, audio time in ms, in order; left out where there are none. */
  marks?: number[];
}

/** A stored sentence. */
export interface SentenceView {
  /** Its number in the session, which it keeps. */
  index: number;
  /** What people read: the edit where there is one. */
  text: string;
  /** What was recognised; only where it was edited. */
  original?: string;
  /** Where it begins in the session's audio, ms. */
  startMs: number;
  /** Where it ends in the session's audio, ms. */
  endMs: number;
  /** The recognised words with their times; only where they were asked for. */
  words?: Word[];
}

/** A text that contains the query of `search`. */
export interface SearchMatch {
  /** Sentence index; −1: the title; −2: a tag. */
  index: number;
  /** The sentence, the title or the tag. */
  text: string;
  /** Where the sentence begins in the session's audio, ms. */
  startMs: number;
  /** Where the query occurs in `text`: [start, end) in UTF-16 units. */
  ranges: [number, number][];
}

/** What became of one edit of `editMany`. */
export interface EditResult {
  /** Index of the sentence. */
  index: number;
  /** `conflict`: the sentence reads otherwise now, and stays as it is; `missing`: there is no such sentence. */
  outcome: 'edited' | 'conflict' | 'missing';
  /** As it is now; null where there is none. */
  sentence: SentenceView | null;
}

/** What one call of `deleteAll` has removed. */
export interface DeletedCounts {
  /** Records of the history. */
  sessions: number;
  /** Documents with sentences of long sessions. */
  pages: number;
  /** Documents with statistics. */
  days: number;
  /** Uploaded files. */
  files: number;
}

/** A file of recorded audio in the cloud storage. */
export interface AudioFile {
  /** Its name, by which requests name it. */
  name: string;
  /** For `wx.cloud.downloadFile`. */
  fileID: string;
  /** Valid for ten minutes; only where the request names the file. */
  url?: string;
}

/** What the function `history` answers, by action. */
export interface HistoryAnswers {
  /** A page of the records, newest first. */
  list: {
    /** All sessions in order, the pinned ones in their places, too. */
    items: SessionSummary[];
    /** For the request of the next page; null: this is the last one. */
    cursor: string | null;
    /** On the first page only: the pinned sessions, last pinned first. */
    pinned?: SessionSummary[];
    /** On the first page only: the tags that were given last. */
    tags?: string[];
  };
  /** A record and a page of its sentences. */
  get: {
    /** The record. */
    session: SessionSummary;
    /** Its sentences on this page, in order. */
    sentences: SentenceView[];
    /** For the request of the next page; null: this is the last one. */
    cursor: string | null;
  };
  /** Records that contain a text. */
  search: {
    /** Records that contain the query, newest first. */
    items: {
      /** The record. */
      session: SessionSummary;
      /** What of it contains the query. */
      matches: SearchMatch[];
    }[];
    /** For the request of the next page; null: this is the last one. */
    cursor: string | null;
    /** Sessions started before it were not searched yet, epoch ms; null: all were. */
    searchedUntil: number | null;
  };
  /** Sentences of one record that contain a text. */
  find: {
    /** Of the sentences found, ascending. */
    indexes: number[];
    /** The sentences, without their words; none where the request has no `limit`. */
    sentences: SentenceView[];
    /** For the request of the next page; null: this is the last one. */
    cursor: string | null;
  };
  /** The record has another title. */
  rename: {
    /** Id of the session. */
    sessionId: string;
    /** The title now. */
    title: string;
  };
  /** The record is pinned, or not any more. */
  pin: {
    /** Id of the session. */
    sessionId: string;
    /** Epoch ms; null: it is not pinned. */
    pinnedAt: number | null;
  };
  /** The record has other tags. */
  tags: {
    /** Id of the session. */
    sessionId: string;
    /** Its tags now. */
    tags: string[];
  };
  /** A sentence was edited. */
  edit: {
    /** Id of the session. */
    sessionId: string;
    /** As it is now. */
    sentence: SentenceView;
  };
  /** Several sentences were edited. */
  editMany: {
    /** Id of the session. */
    sessionId: string;
    /** Of the edits that were tried; send the others again. */
    results: EditResult[];
  };
  /** Marks were set or removed. */
  marks: {
    /** Id of the session. */
    sessionId: string;
    /** All marks of the session, audio time in ms, in order. */
    marks: number[];
  };
  /** The record is deleted. */
  delete: {
    /** Id of the session. */
    sessionId: string;
    /** `restore` brings it back until then, epoch ms. */
    restorableUntil: number;
  };
  /** The record is there again. */
  restore: {
    /** Id of the session. */
    sessionId: string;
  };
  /** Records are deleted. */
  deleteMany: {
    /** Those that are deleted. */
    deleted: {
      /** Id of the session. */
      sessionId: string;
      /** `restore` brings it back until then, epoch ms. */
      restorableUntil: number;
    }[];
    /** Ids of those that do not exist. */
    missing: string[];
  };
  /** Records are there again. */
  restoreMany: {
    /** Ids of those that are there again. */
    restored: string[];
    /** Ids of those that do not exist. */
    missing: string[];
  };
  /** Where to upload recorded audio. */
  prepareAudio: {
    /** One for each name. */
    files: {
      /** As in the request. */
      name: string;
      /** For `wx.cloud.uploadFile`. */
      cloudPath: string;
      /** It is uploaded already. */
      kept: boolean;
    }[];
  };
  /** What became of uploaded audio. */
  keepAudio: {
    /** Those that stay as long as the record. */
    kept: string[];
    /** Meanwhile the record, or its audio, was removed, and the file with it. */
    missing: string[];
  };
  /** The uploaded audio of a record. */
  audio: {
    /** Its files. */
    files: AudioFile[];
  };
  /** The uploaded audio of a record is removed. */
  removeAudio: {
    /** Nothing is left; false: call it again. */
    done: boolean;
    /** Number of files that this call removed. */
    files: number;
  };
  /** The uploaded audio of all the caller's records is removed. */
  removeAllAudio: {
    /** Nothing is left; false: call it again. */
    done: boolean;
    /** Number of files that this call removed. */
    files: number;
  };
  /** All that is stored of the caller is removed. */
  deleteAll: {
    /** All was looked through once more, and nothing is left; false: call it again. */
    done: boolean;
    /** What this call removed. */
    deleted: DeletedCounts;
  };
  /** A record as a file. */
  export: {
    /** The file, or the part of it up to `cursor`. */
    content: string;
    /** Of `content`: text as it is, or the bytes of a file. */
    encoding: 'utf8' | 'base64';
    /** Made of the title. */
    filename: string;
    /** Its media type. */
    mimeType: string;
    /** For the request of the next part; null: this is the last one. */
    cursor: string | null;
  };
}

/** Numbers of recordings. */
export interface Counts {
  /** All recordings that have ended. */
  sessions: number;
  /** Recordings that were ended by the user. */
  completed: number;
  /** Recordings that were broken off, and ended by the service. */
  interrupted: number;
  /** Files that were recognised as a whole. */
  oneshot: number;
  /** Sentences of all of them. */
  sentences: number;
  /** Characters of their texts without white space, punctuation and symbols. */
  chars: number;
  /** Length of their audio, ms. */
  durationMs: number;
}

/** The numbers of one day. */
export interface DayCounts extends Counts {
  /** `YYYY-MM-DD` in Asia/Shanghai. */
  day: string;
}

/** What the function `stats` answers, by action. */
export interface StatsAnswers {
  /** Today in Asia/Shanghai. */
  today: {
    /** Its numbers. */
    today: DayCounts;
  };
  /** A range of days. */
  range: {
    /** Every day of it, in order, also those without recordings. */
    days: DayCounts[];
  };
  /** All days together. */
  totals: {
    /** Their numbers. */
    totals: Counts;
  };
}
