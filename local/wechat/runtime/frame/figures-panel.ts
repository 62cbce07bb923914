import type { Device, SessionFigures } from '../device.ts';
import { createElement } from '../dom.ts';
import { TrafficMeter } from './traffic.ts';

/** Twice a second: to be read by people. */
const REFRESH_MS = 500;
const NO_VALUE = '–';

/** What is known of the session that the phone records, or has just recorded. */
interface Snapshot {
  meter: TrafficMeter;
  /** Length of what was recorded for it, ms. */
  recordedMs: number;
  figures: SessionFigures | undefined;
}

interface Figure {
  name: string;
  /** Said while the figure is pointed at or has the focus. */
  explained: string;
  value(snapshot: Snapshot): string;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} 秒`;
const atPos = (
  { meter: { traffic } }: Snapshot,
  field: 'sentPos' | 'receivedPos' | 'committedPos',
): string => (traffic === undefined ? NO_VALUE : seconds((traffic[field] * 1000) / traffic.rateHz));
const kilobytes = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

const FIGURES: readonly Figure[] = [
  {
    name: '手机录到',
    explained: '录音机的位置。断网、容器被杀时它照样往前走：录音不等任何人。',
    value: ({ recordedMs, meter }) => (meter.traffic === undefined ? NO_VALUE : seconds(recordedMs)),
  },
  {
    name: '已发出',
    explained: '手机发出的最后一帧到哪里，一共多少帧、多少字节；断线后重发的也算在内。',
    value: (snapshot) => {
      const { traffic } = snapshot.meter;
      if (traffic === undefined) return NO_VALUE;
      return `${atPos(snapshot, 'sentPos')} · ${traffic.frames} 帧 · ${kilobytes(traffic.bytes)}`;
    },
  },
  {
    name: '容器收到',
    explained: '容器说它收到了哪里（nextPos）。收到还不算数：容器随时可能没了。',
    value: (snapshot) => atPos(snapshot, 'receivedPos'),
  },
  {
    name: '已经存好',
    explained:
      '这之前的文字都写进了数据库（committedPos）。只有这之前的声音手机才会忘掉，之后的都留着，断了就从这里重发。',
    value: (snapshot) => atPos(snapshot, 'committedPos'),
  },
  {
    name: '连接',
    explained: '手机与容器之间的连接，以及这次录音断线之后接上了几次。',
    value: ({ meter: { traffic, connected } }) => {
      if (traffic === undefined) return NO_VALUE;
      return `${connected ? '通' : traffic.ended ? '录完了' : '断了'} · 重新接上 ${traffic.resumed} 次`;
    },
  },
  {
    name: '第几任容器',
    explained: '会话归谁，由数据库里的 epoch 裁决：每换一个容器接手就加一，旧的再写也写不进去。',
    value: ({ figures }) =>
      figures?.stored === undefined ? NO_VALUE : `第 ${figures.stored.owner} 任（epoch）`,
  },
  {
    name: '存下的句子',
    explained: '数据库里这次录音的句数，以及容器为它写了几次（writeSeq）：几秒的新内容并成一次写。',
    value: ({ figures }) =>
      figures?.stored === undefined
        ? NO_VALUE
        : `${figures.stored.sentences} 句 · 写了 ${figures.stored.writes} 次`,
  },
  {
    name: '数据库写入',
    explained: '本地云的数据库从启动到现在收到的全部写请求，所有会话、统计与上传都算在内。',
    value: ({ figures }) => (figures === undefined ? NO_VALUE : `${figures.databaseWrites} 次`),
  },
];

const POINT_AT = '录音时这些数字会动。把指针放在一项上，或用 Tab 键选中它，这里有说明。';

/** The lengths of what was recorded, received and stored, above each other. */
const createLengths = () => {
  const [received, stored] = [
    createElement('i', { class: 'received' }),
    createElement('i', { class: 'stored' }),
  ];
  const element = createElement('div', { class: 'lengths', 'aria-hidden': 'true' }, received, stored);
  return {
    element,
    render: ({ meter: { traffic }, recordedMs }: Snapshot) => {
      const share = (pos: number): string =>
        traffic === undefined || recordedMs === 0
          ? '0'
          : `${Math.min(100, (pos * 100_000) / traffic.rateHz / recordedMs)}%`;
      received.style.width = share(traffic?.receivedPos ?? 0);
      stored.style.width = share(traffic?.committedPos ?? 0);
    },
  };
};

/** 「底下发生了什么」: figures from the app's own sockets and from the local cloud. */
export class FiguresPanel {
  readonly #place: HTMLElement;
  readonly #values: HTMLElement[] = [];
  readonly #lengths = createLengths();
  #device: Device | undefined;
  #meter = new TrafficMeter();
  #figures: SessionFigures | undefined;
  /** The device's recorded length when the newest session began, ms, and the session's own. */
  #beginMs = 0;
  #recordedMs = 0;
  #shownSession = '';
  #asking = false;

  constructor(place: HTMLElement) {
    this.#place = place;
    const explanation = createElement('p', { class: 'explanation', id: 'explanation' }, POINT_AT);
    const rows = FIGURES.map(({ name, explained }) => {
      const value = createElement('span', { class: 'value digits' }, NO_VALUE);
      this.#values.push(value);
      const row = createElement(
        'button',
        { type: 'button', class: 'figure', 'aria-description': explained },
        createElement('span', { class: 'name' }, name),
        value,
      );
      for (const event of ['pointerenter', 'focus', 'click'])
        row.addEventListener(event, () => {
          explanation.textContent = explained;
        });
      for (const event of ['pointerleave', 'blur'])
        row.addEventListener(event, () => {
          explanation.textContent = POINT_AT;
        });
      return row;
    });
    place.append(
      createElement('h2', {}, '底下发生了什么'),
      this.#lengths.element,
      createElement(
        'div',
        { class: 'legend', 'aria-hidden': 'true' },
        '深：已经存好　中：容器收到　浅：还在手机里',
      ),
      ...rows,
      explanation,
    );
    place.hidden = false;
    setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  /** Watches the device of an app that has just been loaded. */
  watch(device: Device): void {
    this.#device = device;
    this.#meter = new TrafficMeter();
    this.#figures = undefined;
    this.#beginMs = 0;
    this.#recordedMs = 0;
    const meter = this.#meter;
    device.on('socket', (activity) => meter.add(activity));
    device.on('recorder', (state) => {
      // A pause also closes the recorder; only after the end of a session the next opening is another recording.
      if (state === 'opening' && (meter.traffic?.ended ?? true)) this.#beginMs = device.recordedMs;
    });
  }

  /** The app's newest session; undefined: there was none since it was loaded. */
  get traffic(): TrafficMeter['traffic'] {
    return this.#meter.traffic;
  }

  async #refresh(): Promise<void> {
    if (document.hidden || this.#device === undefined) return;
    const { traffic } = this.#meter;
    if (traffic !== undefined && !this.#asking) {
      this.#asking = true;
      this.#figures = (await askFigures(traffic.sessionId)) ?? this.#figures;
      this.#asking = false;
    }
    this.#render(this.#device);
  }

  #render(device: Device): void {
    const { traffic } = this.#meter;
    if (traffic !== undefined) {
      const recordedMs = traffic.ended ? 0 : device.recordedMs - this.#beginMs;
      this.#recordedMs = Math.max(
        this.#shownSession === traffic.sessionId ? this.#recordedMs : 0,
        recordedMs,
      );
      this.#recordedMs = Math.max(this.#recordedMs, (traffic.sentPos * 1000) / traffic.rateHz);
      this.#shownSession = traffic.sessionId;
    }
    const snapshot = { meter: this.#meter, recordedMs: this.#recordedMs, figures: this.#figures };
    FIGURES.forEach(({ value }, i) => {
      const place = this.#values[i];
      const text = value(snapshot);
      if (place !== undefined && place.textContent !== text) place.textContent = text;
    });
    this.#lengths.render(snapshot);
    this.#place.dataset.connected = String(this.#meter.connected);
  }
}

const askFigures = async (sessionId: string): Promise<SessionFigures | undefined> => {
  try {
    const response = await fetch(`/_host/session/${encodeURIComponent(sessionId)}`);
    return response.ok ? ((await response.json()) as SessionFigures) : undefined;
  } catch {
    return undefined;
  }
};
