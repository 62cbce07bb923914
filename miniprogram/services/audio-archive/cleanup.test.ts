import { LocalError } from 'cloudbase-voice';
import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { RESTORE_WITHIN_MS } from '../../../contract/limits.ts';
import { RecentlyDeleted } from '../../utils/recently-deleted.ts';
import { AudioCleanup } from './cleanup.ts';
import { AudioDeletions } from './deletions.ts';
import { ArchiveRig } from './testing/archive-rig.ts';

/** A phone with the audio of these records, and a service that has some of them. */
async function rig(...ids: string[]) {
  const phone = new ArchiveRig();
  for (const id of ids) await phone.place(id, 5);
  const service = { records: new Set(ids), online: true, asked: [] as string[], first: 0 };
  const active = new Set<string>();
  const deletions = new AudioDeletions(phone.storage);
  const cleanup = () =>
    new AudioCleanup({
      archive: phone.archive,
      deletions,
      clock: phone.clock,
      random: () => service.first,
      active,
      cloud: {
        history: async (_action, { sessionId }: { sessionId?: string }) => {
          if (!service.online) throw new LocalError('NETWORK');
          service.asked.push(sessionId as string);
          if (!service.records.has(sessionId as string)) throw new VoiceError('NOT_FOUND');
          return {} as never;
        },
      },
    });
  const deleted = new RecentlyDeleted(phone.storage, phone.clock.now);
  /** The user deletes a record on this phone, as the history does. */
  const remove = (sessionId: string) => {
    service.records.delete(sessionId);
    deleted.add({ sessionId, title: '', restorableUntil: phone.clock.now() + RESTORE_WITHIN_MS });
  };
  return { phone, service, active, deleted, remove, cleanup, sessions: () => phone.sessions() };
}

describe('the audio of a record that was deleted on this phone', () => {
  test('is there while the record can be restored, and gone with it, also without a network', async () => {
    const { phone, service, remove, cleanup, sessions } = await rig('one', 'two');
    remove('one');
    service.online = false;
    await phone.clock.advance(RESTORE_WITHIN_MS - 1);
    await cleanup().run();
    expect(await sessions()).toEqual(['one', 'two']);
    await phone.clock.advance(1);
    await cleanup().run();
    expect(await sessions()).toEqual(['two']);
  });

  test('stays where the record was restored', async () => {
    const { phone, service, deleted, remove, cleanup, sessions } = await rig('one');
    remove('one');
    deleted.remove('one');
    service.records.add('one');
    await phone.clock.advance(2 * RESTORE_WITHIN_MS);
    await cleanup().run();
    expect(await sessions()).toEqual(['one']);
  });

  test('goes though more records were deleted than the history can restore', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => `record-${i}`);
    const { phone, remove, cleanup, sessions } = await rig(...ids);
    for (const id of ids) remove(id);
    await phone.clock.advance(RESTORE_WITHIN_MS);
    await cleanup().run();
    expect(await sessions()).toEqual([]);
  });
});

describe('the audio of a record that was deleted elsewhere', () => {
  test('goes a day after this phone has learnt of it', async () => {
    const { phone, service, cleanup, sessions } = await rig('one', 'two');
    service.records.delete('one');
    await cleanup().run();
    expect(await sessions()).toEqual(['one', 'two']);
    await phone.clock.advance(RESTORE_WITHIN_MS);
    await cleanup().run();
    expect(await sessions()).toEqual(['two']);
  });

  test('stays where the record was restored meanwhile, or the service cannot be asked', async () => {
    const { phone, service, cleanup, sessions } = await rig('one');
    service.records.delete('one');
    await cleanup().run();
    await phone.clock.advance(RESTORE_WITHIN_MS);
    service.online = false;
    await cleanup().run();
    service.online = true;
    service.records.add('one');
    await cleanup().run();
    expect(await sessions()).toEqual(['one']);
  });

  test('is looked for a few times a run of the app, beginning at any record, and not while it is recorded', async () => {
    const ids = Array.from({ length: 6 }, (_, i) => `record-${i}`);
    const { service, active, cleanup } = await rig(...ids);
    active.add('record-5');
    service.first = 0.7;
    const once = cleanup();
    for (let i = 0; i < 3; i++) await once.run();
    expect(service.asked).toEqual(['record-3', 'record-4', 'record-0']);
  });

  test('is not looked for without a network, and later it is', async () => {
    const { service, cleanup } = await rig('one');
    const once = cleanup();
    service.online = false;
    await once.run();
    service.online = true;
    await once.run();
    expect(service.asked).toEqual(['one']);
  });
});

test('damaged storage is taken for an empty one', async () => {
  const { phone, deleted, cleanup, sessions } = await rig('one');
  for (const damage of ['text', 7, null, [{ at: 'soon' }], [null]]) {
    phone.storage.setStorageSync('audio-deletions', damage);
    await cleanup().run();
  }
  deleted.clear();
  expect(await sessions()).toEqual(['one']);
});
