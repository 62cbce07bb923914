import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseStart } from '../contract/stream.ts';
import { SENTENCE_SAMPLES } from '../miniprogram/voice/testing/audio.ts';
import { bundleSession } from './client.ts';
import { openPage, PhoneRealm } from './testing/phone-realm.ts';

const PAGE = new URL('../docs/integration.md', import.meta.url);
const READMES = ['../README.md', '../README.en.md'].map((name) => new URL(name, import.meta.url));
const SCRIPT = /^```js\n([\s\S]*?)^```$/gm;

const scriptsOf = (markdown: string): string[] =>
  [...markdown.matchAll(SCRIPT)].map(([, script = '']) => script);

interface OwnPage {
  data: { lines: { text: string }[]; state: string; error: string; paused: boolean };
  session: object | null;
  onLoad(): void;
  onUnload(): void;
  start(): void;
  resume(): void;
  stop(): void;
}
interface ShownPage {
  data: Record<string, unknown>;
  setData(data: object): void;
}

const pageWith = (): ShownPage => {
  const data: Record<string, unknown> = {};
  return { data, setData: (change) => void Object.assign(data, change) };
};

describe('the scripts of docs/integration.md', () => {
  let session: string;
  let minimal: string;
  let ownPage: string;
  let microphone: string;
  let options: string;
  let history: string;
  beforeAll(async () => {
    session = await bundleSession();
    const scripts = scriptsOf(await readFile(PAGE, 'utf8'));
    expect(scripts).toHaveLength(5);
    [minimal, ownPage, microphone, options, history] = scripts as [string, string, string, string, string];
  });

  it('the READMEs show the same ten lines', async () => {
    for (const readme of READMES) expect(scriptsOf(await readFile(readme, 'utf8'))).toEqual([minimal]);
  });

  describe('the ten lines', () => {
    it('show text while it is spoken, and all of it is stored', async () => {
      const realm = new PhoneRealm();
      const { clock, container, recorder } = realm;
      const page = pageWith();
      const { start } = realm.run(`${minimal}\nmodule.exports = { start };`, {
        require: () => realm.run(session),
      }) as { start(page: ShownPage): { stop(): Promise<{ sentences: number }> } };
      const recording = start(page);
      await clock.until(() => page.data.phase === 'recording');
      await realm.speak(5_000);
      const shown = page.data.lines as { text: string }[];
      expect(shown.length).toBeGreaterThan(2);
      const stopped = recording.stop();
      await clock.until(() => page.data.phase === 'done');
      const { texts, samples } = realm.stored;
      expect((await stopped).sentences).toBe(texts.length);
      expect(samples).toBe(recorder.pos);
      expect((page.data.lines as { text: string }[]).map(({ text }) => text)).toEqual(texts);
      expect(container.violations).toEqual([]);
    });
  });

  describe('the page', () => {
    const open = (): { realm: PhoneRealm; page: OwnPage } => {
      const realm = new PhoneRealm();
      return { realm, page: openPage<OwnPage>(realm, ownPage, realm.run(session)) };
    };
    const begin = async () => {
      const opened = open();
      opened.page.start();
      await opened.realm.clock.until(() => opened.page.data.state === 'live');
      return opened;
    };

    it('a hidden app pauses, and what is said afterwards follows in the same recording', async () => {
      const { realm, page } = await begin();
      await realm.speak(3_000);
      realm.hideApp();
      expect(page.data.paused).toBe(true);
      expect(realm.recorder.running).toBe(false);
      await realm.speak(5_000);
      page.resume();
      expect(page.data.paused).toBe(false);
      await realm.speak(3_000);
      page.stop();
      await realm.clock.until(() => page.data.state === 'ended');
      expect(realm.container.sessions.size).toBe(1);
      expect(realm.stored).toMatchObject({ state: 'completed', samples: realm.recorder.pos, losses: [] });
      expect(page.session).toBeNull();
      page.onUnload();
      expect(realm.hooks.size).toBe(0);
    });

    it('a call pauses like that, too, and a paused recording can be ended', async () => {
      const { realm, page } = await begin();
      await realm.speak(2_000);
      realm.recorder.interrupt();
      expect(page.data.paused).toBe(true);
      page.stop();
      await realm.clock.until(() => page.data.state === 'ended');
      expect(realm.stored.samples).toBe(realm.recorder.pos);
      page.onUnload();
    });

    it('goes on when the recorder ends at its ten minutes', async () => {
      const { realm, page } = await begin();
      await realm.speak(2_000);
      // as WeChat does at the end of `duration`
      realm.recorder.stop();
      expect(realm.recorder.running).toBe(true);
      await realm.speak((SENTENCE_SAMPLES / 16_000) * 1_000);
      page.stop();
      await realm.clock.until(() => page.data.state === 'ended');
      expect(realm.stored.samples).toBe(realm.recorder.pos);
      page.onUnload();
    });

    it('a recorder that fails is shown, and pauses', async () => {
      const { realm, page } = await begin();
      await realm.speak(1_000);
      realm.recorder.fail('operateRecorder:fail auth deny');
      expect(page.data).toMatchObject({ paused: true, error: 'operateRecorder:fail auth deny' });
      page.onUnload();
    });

    it('a session that is refused stops the recorder', async () => {
      const { realm, page } = open();
      realm.container.refusals.push({ event: 'start', code: 'UNKNOWN_ENGINE' });
      page.start();
      await realm.clock.until(() => page.data.state === 'failed');
      expect(page.data.error).not.toBe('');
      expect(realm.recorder.running).toBe(false);
      page.onUnload();
    });

    it('left in the middle, the recording is delivered when the page is opened again', async () => {
      const { realm, page } = await begin();
      realm.container.reachable = false;
      realm.container.drop();
      await realm.speak(3_000);
      page.onUnload();
      await realm.clock.advance(1_000);
      expect(realm.files.names().length).toBeGreaterThan(0);
      realm.container.reachable = true;
      page.onLoad();
      await realm.clock.until(() => realm.stored.state === 'completed');
      expect(realm.stored.samples).toBe(realm.recorder.pos);
      page.onUnload();
    });
  });

  describe('the question for the microphone', () => {
    const ask = (wx: object): Promise<boolean> => {
      const run = new PhoneRealm(wx).run(`${microphone}\nmodule.exports = { allowMicrophone };`);
      return (run.allowMicrophone as () => Promise<boolean>)();
    };
    const setting = (granted?: boolean) => async () => ({
      authSetting: granted === undefined ? {} : { 'scope.record': granted },
    });

    it.each([
      ['was answered before', { getSetting: setting(true) }, true],
      [
        'is asked for the first time and granted',
        { getSetting: setting(), authorize: async () => ({}) },
        true,
      ],
      [
        'is asked for the first time and refused',
        { getSetting: setting(), authorize: () => Promise.reject({ errMsg: 'authorize:fail auth deny' }) },
        false,
      ],
      [
        'was refused, and the user changes the setting',
        {
          getSetting: setting(false),
          showModal: async () => ({ confirm: true }),
          openSetting: setting(true),
        },
        true,
      ],
      [
        'was refused, and the user does not want to',
        { getSetting: setting(false), showModal: async () => ({ confirm: false }) },
        false,
      ],
    ])('%s', async (_, wx, allowed) => {
      expect(await ask(wx)).toBe(allowed);
    });
  });

  it('the options are ones that the container accepts', () => {
    let given: unknown;
    new PhoneRealm().run(options, { session: { start: (value: unknown) => (given = value) } });
    const parsed = parseStart(JSON.parse(JSON.stringify(given)));
    expect(parsed).toMatchObject({ engine: '16k_zh', title: '周会', silenceMs: 800, wordTimes: true });
    expect(parsed.hotwords).toHaveLength(2);
  });

  it('history and statistics come from the cloud functions', async () => {
    const realm = new PhoneRealm();
    const { createVoiceService } = realm.run(session) as { createVoiceService(): object };
    const { showHistory } = realm.run(`${history}\nmodule.exports = { showHistory };`) as {
      showHistory(page: ShownPage, voice: object): Promise<void>;
    };
    const page = pageWith();
    await showHistory(page, createVoiceService());
    expect(page.data).toMatchObject({ minutes: 2, cursor: null, sentences: [] });
    expect(page.data.items).toMatchObject([{ sessionId: 'a' }]);
  });
});
