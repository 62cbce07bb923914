import { containerClient, LocalError } from 'cloudbase-voice';
import { describe, expect, it } from 'vitest';
import { VoiceError, type WireError } from '../../contract/errors.ts';
import { FakeClock, flushPromises } from '../../lib/fake-clock.ts';
import { ScriptedTask } from '../client/testing/scripted-server.ts';
import { connectionProbes, type ProbeApi, runSteps, type Step, type StepId } from './connection-probes.ts';

/** A container that takes every ticket, or none. */
const answering = (refusal: WireError | null = null) =>
  containerClient(() => ({
    service: 'test',
    platform: null,
    dial: async () => {
      const task = new ScriptedTask();
      void flushPromises().then(async () => {
        task.handshake();
        await flushPromises();
        if (refusal) task.deliver(`44/realtime-voice,${JSON.stringify({ message: 'no', data: refusal })}`);
        else task.welcome('/realtime-voice');
      });
      return task;
    },
  }));

const WELL: ProbeApi = {
  libraryVersion: () => '3.8.12',
  networkType: async () => 'wifi',
  initCloud: () => {},
  ticket: async () => 'ticket',
  openSocket: async () => {},
  createClient: answering(),
  microphoneAllowed: async () => undefined,
  privacyPending: async () => false,
};

async function test(changes: Partial<ProbeApi>) {
  const reported: Step[] = [];
  const steps = await runSteps(connectionProbes({ ...WELL, ...changes }), new FakeClock(), (step) =>
    reported.push(step),
  );
  expect(reported).toEqual(steps);
  const states = Object.fromEntries(steps.map(({ id, state }) => [id, state])) as Record<StepId, string>;
  return { states, step: (id: StepId) => steps.find((step) => step.id === id) };
}
const fails = (message: string) => ({ openSocket: () => Promise.reject({ errMsg: message }) });

describe('the connection test', () => {
  it('passes where all is well', async () => {
    const { states } = await test({});
    expect(Object.values(states)).toEqual(Array(8).fill('ok'));
  });

  it('skips what cannot be checked because of an earlier failure', async () => {
    const { states } = await test({ networkType: async () => 'none' });
    expect(states).toMatchObject({ network: 'fail', ticket: 'skip', container: 'skip', namespace: 'skip' });
    expect(states).toMatchObject({ library: 'ok', cloud: 'ok', microphone: 'ok', privacy: 'ok' });
  });

  it.each([
    ['2.22.1', 'fail'],
    ['2.23.0', 'ok'],
    ['10.0.0', 'ok'],
    ['', 'fail'],
  ])('base library %s: %s', async (version, state) => {
    expect((await test({ libraryVersion: () => version })).states.library).toBe(state);
  });

  it.each([
    ['connectContainer:fail 未完成的操作', /socket 合法域名/],
    ['fail The operation couldn’t be completed.', /服务已部署/],
    ['connectSocket:fail url not in domain list', /服务器域名/],
    ['fail -601034 permission', /服务名与环境/],
    ['connectContainer:fail exceed max task', /最多 5 个|关闭其他/],
    ['something new', /运行日志/],
  ])('explains "%s"', async (message, fix) => {
    const { states, step } = await test(fails(message));
    expect(states).toMatchObject({ container: 'fail', namespace: 'skip' });
    expect(step('container')?.fix).toMatch(fix);
  });

  it('names a function that is not deployed', async () => {
    const { step } = await test({
      ticket: () => Promise.reject(new LocalError('FUNCTION_NOT_FOUND', '-501000')),
    });
    expect(step('ticket')).toMatchObject({ state: 'fail', cause: '服务未部署（-501000）' });
  });

  it('names a container with another secret', async () => {
    const { step } = await test({ createClient: answering(new VoiceError('TICKET_INVALID').toWire()) });
    expect(step('namespace')?.cause).toMatch(/身份凭证无效.*TICKET_SECRET/);
  });

  it('names a refused microphone and a privacy guide nobody agreed to', async () => {
    const { states } = await test({
      microphoneAllowed: async () => false,
      privacyPending: async () => true,
    });
    expect(states).toMatchObject({ microphone: 'fail', privacy: 'fail', namespace: 'ok' });
  });

  it('survives a phone that throws at everything', async () => {
    const broken = () => {
      throw new TypeError('undefined is not a function');
    };
    const { states } = await test({
      libraryVersion: broken,
      networkType: broken,
      microphoneAllowed: broken,
      privacyPending: broken,
    });
    expect(states).toMatchObject({ library: 'fail', network: 'fail', microphone: 'fail', privacy: 'fail' });
  });

  it('waits for nothing without end', async () => {
    const clock = new FakeClock();
    const steps = runSteps(
      connectionProbes({ ...WELL, openSocket: () => new Promise(() => {}) }),
      clock,
      () => {},
    );
    await clock.advance(20_100);
    expect((await steps).find(({ id }) => id === 'container')?.cause).toBe('云托管没有应答');
  });
});
