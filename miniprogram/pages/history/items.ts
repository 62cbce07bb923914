import type { SearchMatch, SessionSummary } from '../../../contract/functions.ts';
import { formatDayHeading } from '../../utils/format.ts';
import { excerptOf, type Segment } from '../../utils/highlight.ts';
import { type Badge, badgesOf, dayMeta, fullMeta, titleOf } from '../../utils/summary.ts';
import { DAY_KIND, kindOf } from './window.ts';

/** Matches shown of one session; the others are on its own page. */
const MATCHES_SHOWN = 3;
/** Characters of a match that fit into one line. */
const EXCERPT_CHARS = 60;
/** Tags shown in a row; the others are counted. */
const TAGS_SHOWN = 3;

/** A place in a session that a search found. */
export interface Match {
  /** Unique in its session. */
  key: string;
  /** Of the sentence; below 0: the title, or a tag. */
  index: number;
  segments: Segment[];
}

/** A session in the list, with no more of it than the list needs: there may be thousands. */
export interface Entry {
  session: SessionSummary;
  matches: Match[];
}

/** A line of the list, as the view gets it: a heading where `heading` is not empty, else a session. */
export interface ListRow {
  key: string;
  kind: string;
  heading: string;
  sessionId: string;
  title: string;
  preview: string;
  meta: string;
  badges: Badge[];
  tags: string[];
  /** Badges and tags in words, with what separates them from the rest. */
  spoken: string;
  matches: Match[];
  selected: boolean;
}

export type Item =
  | { kind: typeof DAY_KIND; key: string; heading: string }
  | { kind: string; key: string; entry: Entry; isPinned: boolean };

function shortened(segments: Segment[], maxChars: number): Segment[] {
  let left = maxChars;
  const kept: Segment[] = [];
  for (const segment of segments) {
    if (left <= 0) break;
    kept.push(
      segment.text.length <= left ? segment : { ...segment, text: `${segment.text.slice(0, left)}…` },
    );
    left -= segment.text.length;
  }
  return kept;
}

export const entryOf = (session: SessionSummary, matches: readonly SearchMatch[] = []): Entry => ({
  // whether there are losses is all that is shown of them
  session: { ...session, losses: session.losses.slice(0, 1) },
  matches: matches.slice(0, MATCHES_SHOWN).map(({ index, text, ranges }, at) => ({
    key: `${at}`,
    index,
    segments: shortened(excerptOf(text, ranges), EXCERPT_CHARS),
  })),
});

const hasChips = ({ session }: Entry): boolean =>
  session.pinnedAt !== undefined || (session.tags?.length ?? 0) > 0 || badgesOf(session).length > 0;

const itemOf = (entry: Entry, isPinned: boolean): Item => ({
  kind: kindOf(entry.matches.length, hasChips(entry)),
  key: entry.session.sessionId,
  entry,
  isPinned,
});

/** The list: pinned sessions first, then the others under the days on which they began, by the phone's calendar. */
export function itemsOf(pinned: readonly Entry[], entries: readonly Entry[], nowMs: number): Item[] {
  const items: Item[] = pinned.length > 0 ? [{ kind: DAY_KIND, key: 'pinned', heading: '置顶' }] : [];
  for (const entry of pinned) items.push(itemOf(entry, true));
  let heading = '';
  for (const entry of entries) {
    const day = formatDayHeading(entry.session.startedAt, nowMs);
    if (day !== heading) items.push({ kind: DAY_KIND, key: `day-${day}`, heading: day });
    heading = day;
    items.push(itemOf(entry, false));
  }
  return items;
}

/** In place of first words. */
const NO_TEXT = { live: '还没有文字', ended: '可能没有人说话，或声音太小' };

const NO_SESSION: Omit<ListRow, 'key' | 'kind' | 'heading'> = {
  sessionId: '',
  title: '',
  preview: '',
  meta: '',
  badges: [],
  tags: [],
  spoken: '',
  matches: [],
  selected: false,
};

export function rowOf(item: Item, selected: ReadonlySet<string>, nowMs: number): ListRow {
  const { kind, key } = item;
  if (!('entry' in item)) return { ...NO_SESSION, kind, key, heading: (item as { heading: string }).heading };
  const { session, matches } = item.entry;
  const badges: Badge[] = session.pinnedAt === undefined ? [] : [{ text: '已置顶', tone: 'busy' }];
  badges.push(...badgesOf(session));
  const { tags = [] } = session;
  const shown = tags.slice(0, TAGS_SHOWN);
  if (tags.length > TAGS_SHOWN) shown.push(`+${tags.length - TAGS_SHOWN}`);
  return {
    kind,
    key,
    heading: '',
    sessionId: session.sessionId,
    title: titleOf(session),
    preview: session.preview.trim() || NO_TEXT[session.state === 'live' ? 'live' : 'ended'],
    meta: item.isPinned ? fullMeta(session, nowMs) : dayMeta(session),
    badges,
    tags: shown,
    spoken: [...badges.map(({ text }) => text), ...tags.map((tag) => `标签 ${tag}`)]
      .map((word) => `${word}，`)
      .join(''),
    matches,
    selected: selected.has(session.sessionId),
  };
}
