import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { RecorderError } from '../recorder/recorder.types.ts';
import { FakeSession } from '../testing/fake-voice-session.ts';
import { pcm, recorderRig } from '../testing/recorder-rig.ts';
import { Recording } from './recording.ts';
import { recordingViewOf } from './view.ts';

function rig(ensurePermission?: () => Promise<void>) {
  const microphone = recorderRig(ensurePermission);
  const session = new FakeSession();
  const heard = { changes: 0, texts: 0, levels: 0 };
  const recording = new Recording(microphone.recorder, session, {
    changed: () => void heard.changes++,
    text: () => void heard.texts++,
    level: () => void heard.levels++,
  });
  return { ...microphone, session, recording, heard, phase: () => recordingViewOf(recording.snapshot).phase };
}

async function running() {
  const it = rig();
  await it.recording.start({ engine: '16k_zh' });
  it.session.enter('live', 'started');
  return it;
}

describe('beginning', () => {
  test('microphone and connection begin together: what is said while connecting is not lost', async () => {
    const it = rig();
    it.fake.prompt = false;
    const started = it.recording.start({ engine: '16k_yue' });
    await vi.waitFor(() => expect(it.session.calls).toEqual(['start']));
    expect(it.session.options).toEqual({ engine: '16k_yue' });
    it.fake.started();
    await started;
    it.fake.frame(pcm(100));
    expect(it.session.status.state).toBe('connecting');
    expect(it.session.pushed).toEqual([3_200]);
  });

  test('a refused microphone opens no session', async () => {
    const it = rig(() => Promise.reject(new RecorderError('denied', 'no')));
    await it.recording.start({});
    expect(it.session.calls).toEqual([]);
    expect(it.phase()).toBe('failed');
  });

  test('a microphone that fails to open takes its session back', async () => {
    const it = rig();
    it.fake.refusals = ['start:fail broken'];
    await it.recording.start({});
    expect(it.session.calls).toEqual(['start', 'cancel']);
    expect(it.phase()).toBe('failed');
  });
});

describe('ending', () => {
  test('the last frames reach the session before it is stopped', async () => {
    const it = await running();
    it.fake.tail = [pcm(40)];
    const stopped = it.recording.stop();
    await vi.waitFor(() => expect(it.session.stopping).toBeDefined());
    expect(it.session.pushed).toEqual([40 * 32]);
    expect(it.phase()).toBe('stopping');
    it.session.stopping?.resolve({ id: 'session-1', sentences: 1, durationMs: 40 });
    await expect(stopped).resolves.toMatchObject({ sentences: 1 });
    expect(it.phase()).toBe('done');
  });

  test('stopping twice stops once', async () => {
    const it = await running();
    it.fake.frame(pcm(100));
    void it.recording.stop();
    await expect(it.recording.stop()).resolves.toBeNull();
    await vi.waitFor(() => expect(it.session.calls).toEqual(['start', 'stop']));
  });

  test('a stop that is refused shows the reason and not "saved"', async () => {
    const it = await running();
    it.fake.frame(pcm(100));
    const stopped = it.recording.stop();
    await vi.waitFor(() => expect(it.session.stopping).toBeDefined());
    it.session.error(new VoiceError('SESSION_DELETED').toWire());
    it.session.enter('failed', 'error:SESSION_DELETED');
    it.session.stopping?.reject(new VoiceError('SESSION_DELETED'));
    await expect(stopped).resolves.toBeNull();
    expect(recordingViewOf(it.recording.snapshot)).toMatchObject({
      phase: 'failed',
      banner: { title: '记录已被删除' },
    });
  });

  test('a session that the service completes ends the recording, too', async () => {
    const it = await running();
    it.session.complete({ id: 'session-1', sentences: 2, durationMs: 900 });
    expect(it.phase()).toBe('done');
    expect(it.fake.open).toBe(false);
  });

  test('a stop before the permission dialog is answered records nothing and opens no session', async () => {
    let allow: () => void = () => {};
    const it = rig(() => new Promise((resolve) => (allow = resolve)));
    const started = it.recording.start({});
    await expect(it.recording.stop()).resolves.toBeNull();
    expect(it.phase()).toBe('idle');
    expect(recordingViewOf(it.recording.snapshot).banner).toMatchObject({ title: '还没有录到声音' });
    allow();
    await started;
    expect(it.session.calls).toEqual([]);
    expect(it.phase()).toBe('idle');
  });

  test('a stop before any sound was recorded leaves no empty record', async () => {
    const it = rig();
    it.fake.prompt = false;
    void it.recording.start({});
    await vi.waitFor(() => expect(it.session.calls).toEqual(['start']));
    const stopped = it.recording.stop();
    it.fake.prompt = true;
    it.fake.started();
    await expect(stopped).resolves.toBeNull();
    expect(it.session.calls).toEqual(['start', 'cancel']);
    expect(it.phase()).toBe('idle');
    await vi.waitFor(() => expect(it.fake.open).toBe(false));
  });

  test('leaving keeps a recording on the phone only where something was recorded', async () => {
    const empty = await running();
    expect(empty.recording.leave()).toBe(false);
    expect(empty.session.calls).toEqual(['start', 'cancel']);
    const spoken = await running();
    spoken.fake.frame(pcm(100));
    expect(spoken.recording.leave()).toBe(true);
    await vi.waitFor(() => expect(spoken.session.calls).toEqual(['start', 'dispose']));
  });

  test('leaving keeps what the recorder still holds, too, and says nothing any more', async () => {
    const it = await running();
    it.fake.frame(pcm(130));
    it.fake.tail = [pcm(40)];
    const { changes } = it.heard;
    it.recording.leave();
    await vi.waitFor(() => expect(it.session.calls).toEqual(['start', 'dispose']));
    expect(it.session.pushed.reduce((sum, bytes) => sum + bytes, 0)).toBe(170 * 32);
    expect(it.heard.changes).toBe(changes);
  });

  test('a recording that failed while it was being saved is saved by the next try, not recorded again', async () => {
    const it = await running();
    it.fake.frame(pcm(100));
    const stopped = it.recording.stop();
    await vi.waitFor(() => expect(it.session.stopping).toBeDefined());
    it.session.error(new VoiceError('ASR_NO_QUOTA').toWire());
    it.session.enter('failed', 'error:ASR_NO_QUOTA');
    it.session.stopping?.reject(new VoiceError('ASR_NO_QUOTA'));
    await stopped;
    await it.recording.reclaim();
    expect(recordingViewOf(it.recording.snapshot)).toMatchObject({
      phase: 'stopping',
      recordLabel: '正在保存',
    });
  });

  test('cancel throws it away and says nothing any more', async () => {
    const it = await running();
    await it.recording.cancel();
    expect(it.session.calls).toEqual(['start', 'cancel']);
    expect(it.fake.open).toBe(false);
    const { changes } = it.heard;
    it.session.enter('ended');
    expect(it.heard.changes).toBe(changes);
  });

  test('leaving the page turns the microphone off and keeps what is not saved, once', async () => {
    const it = await running();
    it.recording.dispose();
    it.recording.dispose();
    await vi.waitFor(() => expect(it.session.calls).toEqual(['start', 'dispose']));
    expect(it.fake.open).toBe(false);
  });
});

describe('on the way', () => {
  test('a session that fails stops listening: nothing is recorded in vain', async () => {
    const it = await running();
    it.session.error(new VoiceError('ASR_NO_QUOTA').toWire());
    it.session.enter('failed', 'error:ASR_NO_QUOTA');
    expect(it.fake.open).toBe(false);
    expect(it.phase()).toBe('failed');
  });

  test('taking it back from another device records again', async () => {
    const it = await running();
    it.session.error(new VoiceError('TAKEN_OVER').toWire());
    it.session.enter('failed', 'error:TAKEN_OVER');
    await it.recording.reclaim();
    expect(it.session.calls).toEqual(['start', 'reclaim']);
    await vi.waitFor(() => expect(it.fake.open).toBe(true));
    expect(recordingViewOf(it.recording.snapshot)).toMatchObject({ phase: 'recording' });
  });

  test('a trouble is told until text comes again', async () => {
    const it = await running();
    it.session.error(new VoiceError('ASR_UNAVAILABLE').toWire());
    expect(recordingViewOf(it.recording.snapshot).banner).not.toBeNull();
    it.session.say([{ index: 0, text: '好', final: false, settled: false, startMs: 0, endMs: 200 }]);
    expect(recordingViewOf(it.recording.snapshot).banner).toBeNull();
    expect(it.heard.texts).toBe(1);
  });

  test('a pause keeps the session, and going on reaches it again', async () => {
    const it = await running();
    it.recording.pause();
    expect(it.phase()).toBe('paused');
    it.recording.resume();
    it.fake.frame(pcm(100));
    expect(it.session.pushed).toEqual([3_200]);
    expect(it.session.calls).toEqual(['start']);
  });
});
