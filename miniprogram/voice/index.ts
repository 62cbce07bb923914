/** `cloudbase-voice`: recording without loss for mini-programs. */
export { ENGINES, type Engine, type EngineName } from '../../contract/engines.ts';
export { ERRORS, type ErrorCode, isRetriable, VoiceError, type WireError } from '../../contract/errors.ts';
export type {
  AudioFile,
  Counts,
  DayCounts,
  DeletedCounts,
  EditResult,
  HistoryAnswers,
  SearchMatch,
  SentenceView,
  SessionSummary,
  StatsAnswers,
} from '../../contract/function-answers.ts';
export type { SampleRate } from '../../contract/limits.ts';
export type { Loss, SessionState } from '../../contract/records.ts';
export type { Hotword, StopAnswer, Word } from '../../contract/stream.ts';
export type { Ticket } from '../../contract/ticket.ts';
export type { Clock } from '../../lib/clock.ts';
export {
  ACTION_LABELS,
  type ErrorAction,
  type ErrorText,
  errorTextFor,
  errorTextOf,
  type Problem,
  problemOf,
  RECORDER_ERROR_TEXTS,
} from './error-text.ts';
export {
  type PauseReason,
  type Recorder,
  RecorderError,
  type RecorderErrorCode,
  type RecorderEvents,
  type RecorderFormat,
  type RecorderState,
} from './recorder/recorder.types.ts';
export {
  createWxRecorder,
  microphoneInUse,
  onRecordingStart,
  openMicrophoneSetting,
} from './recorder/wx-recorder.ts';
export { formatAudioTime, formatDuration } from './recording/format.ts';
export { PageData } from './recording/page-data.ts';
export { Recording, type RecordingListener } from './recording/recording.ts';
export { isRunning, type Phase, phaseOf, type RecordingSnapshot } from './recording/recording-phase.ts';
export {
  IDLE_RECORDING,
  type RecordingAction,
  type RecordingBanner,
  type RecordingView,
  recordingViewOf,
  type Tone,
} from './recording/view.ts';
export { VoiceRecording, type VoiceRecordingEvents } from './recording/voice-recording.ts';
export type { PendingOutcome, PendingProgress } from './saved/pending.ts';
export { type PendingEvents, type PendingRecording, PendingRecordings } from './saved/pending-recordings.ts';
export type { FileStore } from './saved/saved-recordings.ts';
export type { AudioKeeper, AudioSink } from './session/audio-keeper.types.ts';
export {
  type ContainerAddress,
  type ContainerClient,
  type CreateClient,
  containerClient,
} from './session/container-connection.ts';
export {
  type AnyErrorCode,
  codeOf,
  LOCAL_ERRORS,
  LocalError,
  type LocalErrorCode,
  readWireError,
} from './session/local-errors.ts';
export type { Range } from './session/ring.ts';
export type { TicketSource } from './session/ticket-source.ts';
export type {
  Line,
  QueueStatus,
  StateChange,
  VoiceEvents,
  VoiceOptions,
  VoiceSession,
  VoiceState,
  VoiceStatus,
} from './session/voice-session.types.ts';
export {
  createVoiceService,
  type VoiceAddress,
  type VoiceService,
  type VoiceServiceOptions,
} from './voice-service.ts';
export {
  type CallFunction,
  type CloudCallDeps,
  type CloudCalls,
  cloudCalls,
  invoke,
  platformFailure,
} from './wechat/cloud-calls.ts';
export { initCloud, newId, wxCallFunction, wxPromise, wxStore } from './wechat/platform.ts';
