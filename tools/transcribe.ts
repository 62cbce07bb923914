/** `npm run transcribe`: streams a WAV file to the service and shows what is recognised. */
import { readFile } from 'node:fs/promises';
import { ENGINES } from '../contract/engines.ts';
import { VoiceError } from '../contract/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { resample } from '../lib/resample.ts';
import { toMono } from '../lib/wav.ts';
import { TicketCache, type Tickets } from '../miniprogram/voice/session/ticket.ts';
import { describeFailure, runTool, ToolError } from './cli.ts';
import type { Progress } from './progress.ts';
import { openidOf, runningCloud, ticketFor, ticketKeys } from './running.ts';
import { Display, formatTime } from './transcribe/display.ts';
import { COMMAND, optionsOf, type TranscribeOptions } from './transcribe/options.ts';
import { ensureReachable } from './transcribe/reachable.ts';
import { stream } from './transcribe/stream.ts';
import { readWav } from './transcribe/wav.ts';

/** The file's audio as 16-bit mono at `rateHz`; `note` says which conversion was needed, if any. */
async function audioOf(file: string, rateHz: number): Promise<{ pcm: Int16Array; note: string | undefined }> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new ToolError(`读不到文件：${describeFailure(error)}`);
  });
  const wav = readWav(bytes);
  const pcm = resample(toMono(wav), wav.sampleRateHz, rateHz);
  if (pcm.length === 0) throw new ToolError(`${file} 里没有音频`);
  const converted = wav.channels !== 1 || wav.sampleRateHz !== rateHz;
  const note = `已从 ${wav.sampleRateHz} Hz ${wav.channels} 声道转换为 ${rateHz} Hz 单声道`;
  return { pcm, note: converted ? note : undefined };
}

/** `--ticket` gives one ticket that cannot be renewed; with a signing key a new one is signed whenever it is needed. */
function ticketsOf({ ticket, secret, user, data }: TranscribeOptions): Tickets {
  if (ticket === undefined) {
    const keys = ticketKeys(secret, data);
    return new TicketCache(() => ticketFor(openidOf(user), keys), systemClock);
  }
  let refused = false;
  return {
    async get() {
      if (refused) throw new VoiceError('TICKET_INVALID', { detail: '--ticket 已失效，请重新签发一张' });
      return ticket;
    },
    invalidate() {
      refused = true;
    },
  };
}

async function transcribe(options: TranscribeOptions, progress: Progress): Promise<void> {
  const rateHz = ENGINES[options.engine].sampleRateHz;
  const { pcm, note } = await audioOf(options.file, rateHz);
  const display = new Display(process.stdout, options);
  if (note) display.note(note);

  const url = options.url ?? runningCloud(options.data).container;
  await ensureReachable(url);
  const { engine, hotwords, words: wordTimes, speed } = options;
  const { sessionId, lines, sentences, durationMs, losses, firstTextMs, finalAfterStopMs } = await stream(
    {
      url,
      tickets: ticketsOf(options),
      pcm,
      rateHz,
      speed,
      options: { engine, wordTimes, ...(hotwords.length > 0 && { hotwords }) },
    },
    {
      lines: (shown) => display.show(shown),
      state: ({ new: state, reason }) => {
        if (state === 'live') progress.end();
        if (state === 'reconnecting') display.note(`连接中断（${reason}），正在重连……`);
        else if (reason === 'resumed') display.note('已重新连接，继续识别');
      },
      error: ({ code, message }) => display.note(`${code}：${message}`),
    },
  );
  display.show(lines);
  for (const { startMs, endMs } of losses)
    display.note(`丢失的音频：${formatTime(startMs)} → ${formatTime(endMs)}`);
  display.note(
    `共 ${sentences} 句，音频 ${formatTime(durationMs)}；首字 ${firstTextMs ?? '—'} ms，结束后 ${finalAfterStopMs} ms 全部存好；会话 ${sessionId}`,
  );
  if (lines.length !== sentences)
    throw new ToolError(`服务记录了 ${sentences} 句，这里收到 ${lines.length} 句`);
  if (options.json) {
    const text = lines.map((line) => line.text).join('\n');
    console.log(JSON.stringify({ sessionId, text, sentences, firstTextMs, finalAfterStopMs }));
  }
}

await runTool(COMMAND, '正在连接', (given) => transcribe(optionsOf(given), given.progress));
