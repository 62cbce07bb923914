import { describe, expect, test, vi } from 'vitest';
import { FakeSession } from '../voice/testing/fake-voice-session.ts';
import { pcm, recorderRig } from '../voice/testing/recorder-rig.ts';
import { CurrentRecording } from './current-recording.ts';

async function rig() {
  const microphone = recorderRig();
  const session = new FakeSession();
  const log: string[] = [];
  const notes = {
    mark: (id: string, ms: number) => {
      log.push(`mark ${id} ${ms}`);
      return true;
    },
    unmark: (id: string, ms: number) => void log.push(`unmark ${id} ${ms}`),
    rename: (id: string, title: string) => void log.push(`rename ${id} ${title}`),
    forget: (id: string) => void log.push(`forget ${id}`),
    deliver: async () => void log.push('deliver'),
  };
  const current = new CurrentRecording({
    createRecorder: () => microphone.recorder,
    createSession: () => session,
    notes,
  });
  const heard = { changed: 0, text: 0 };
  current.on('changed', () => void heard.changed++);
  current.on('text', () => void heard.text++);
  const begin = async () => {
    current.begin({ engine: '16k_zh' }, 16_000);
    await vi.waitFor(() => expect(current.phase).toBe('recording'));
    session.enter('live', 'started');
  };
  return { ...microphone, current, session, log, heard, begin };
}

describe('the recording of the app', () => {
  test('is there for whoever subscribes, whichever page has begun it', async () => {
    const it = await rig();
    expect([it.current.phase, it.current.running, it.current.snapshot]).toEqual(['idle', false, null]);
    await it.begin();
    const before = it.heard.changed;
    it.fake.frame(pcm(100));
    it.current.pause();
    await vi.waitFor(() => expect(it.current.phase).toBe('paused'));
    expect(it.heard.changed).toBeGreaterThan(before);
    expect(it.current.snapshot?.session.recordedMs).toBe(100);
    it.current.stop();
    await vi.waitFor(() => expect(it.current.phase).toBe('stopping'));
    it.session.complete({ id: 'session-1', sentences: 1, durationMs: 100 });
    expect([it.current.phase, it.current.running]).toEqual(['done', false]);
    it.current.dismiss();
    expect(it.current.phase).toBe('idle');
  });

  test('takes marks at the audio that was recorded, each once, and undoes them', async () => {
    const it = await rig();
    expect(it.current.mark()).toBeNull();
    await it.begin();
    expect(it.current.mark()).toBeNull();
    it.fake.frame(pcm(100));
    expect(it.current.mark()).toBe(100);
    expect(it.current.mark()).toBe(100);
    it.fake.frame(pcm(100));
    it.current.mark();
    expect(it.current.marks).toEqual([100, 200]);
    it.current.unmark(100);
    expect(it.current.marks).toEqual([200]);
    expect(it.log.filter((line) => line.includes('mark'))).toEqual([
      'mark session-1 100',
      'mark session-1 200',
      'unmark session-1 100',
    ]);
  });

  test('takes a title, and delivers what was noted once the service can take it', async () => {
    const it = await rig();
    await it.begin();
    it.fake.frame(pcm(100));
    it.current.pause();
    await vi.waitFor(() => expect(it.current.phase).toBe('paused'));
    // Once for each connection, not at every change.
    expect(it.log).toEqual(['deliver']);
    it.current.rename('周会');
    expect([it.current.title, it.log.pop()]).toEqual(['周会', 'rename session-1 周会']);
    it.session.enter('reconnecting', 'lost');
    it.session.enter('live', 'resumed');
    expect(it.log).toEqual(['deliver', 'deliver']);
  });

  test('leaves no notes of a recording that is cancelled', async () => {
    const it = await rig();
    await it.begin();
    it.fake.frame(pcm(100));
    it.current.mark();
    it.current.cancel();
    expect(it.log).toContain('forget session-1');
    expect([it.current.marks, it.current.phase]).toEqual([[], 'idle']);
  });
});
