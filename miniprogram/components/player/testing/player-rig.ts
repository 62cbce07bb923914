import type { ClipHandlers } from '../../../audio/clip.types.ts';
import type { ArchivedRecording } from '../../../services/audio-archive/archive.ts';
import { ArchiveRig } from '../../../services/audio-archive/testing/archive-rig.ts';
import { PlayerModel, type PlayerView } from '../model.ts';

/** A clip as the phone plays it. */
interface Playing {
  pcm: Int16Array;
  handlers: ClipHandlers;
  calls: string[];
}

/** A player on a phone whose loudspeaker the test is. */
export async function playerRig({
  record = [[0, 60]] as [from: number, seconds: number][],
  open = true,
} = {}) {
  const archive = new ArchiveRig();
  for (const [from, seconds] of record) await archive.record('one', seconds, from);
  const clips: Playing[] = [];
  const views: PlayerView[] = [];
  /** What another phone has uploaded, and how its pieces come. */
  const uploads = {
    recording: null as ArchivedRecording | null,
    closed: 0,
    piece: null as Promise<void> | null,
  };
  let percent = (_: number): void => {};
  const other = new ArchiveRig();
  const phone = { recording: false, broken: false, slow: null as Promise<void> | null };
  const player = new PlayerModel(
    {
      archive: archive.archive,
      cloud: {
        recording: async () => uploads.recording,
        async read(segment, onPercent) {
          percent = onPercent;
          await uploads.piece;
          return (await other.archive.read(segment)) as ArrayBuffer;
        },
        close: () => {
          uploads.closed += 1;
        },
      },
      openClip: async (pcm, _rateHz, handlers) => {
        await phone.slow;
        if (phone.broken) throw new Error('no space');
        const clip: Playing = { pcm, handlers, calls: [] };
        clips.push(clip);
        const call = (name: string) => void clip.calls.push(name);
        return {
          play: () => call('play'),
          pause: () => call('pause'),
          setSpeed: (speed) => call(`speed ${speed}`),
          close: () => call('close'),
        };
      },
      clock: archive.clock,
      isRecording: () => phone.recording,
      changed: (view) => void views.push(view),
    },
    'one',
  );
  if (open) await player.open();
  const started = (clip: Playing | undefined): boolean => clip?.calls.includes('play') ?? false;
  return {
    archive,
    other,
    uploads,
    percent: (value: number) => percent(value),
    player,
    phone,
    clips,
    views,
    view: () => player.view,
    /** The clip that is heard now. */
    heard: () => clips.filter((clip) => started(clip) && !clip.calls.includes('close')).pop(),
    open: () => clips.filter((clip) => !clip.calls.includes('close')).length,
  };
}
