import { expect, it } from 'vitest';
import { stateTable } from './state-table.ts';

it('says what an event means in a state', () => {
  const table = stateTable<'off' | 'on', 'press' | 'burn', 'off' | 'on' | 'none'>(['off', 'on'], {
    press: ['on', 'off'],
    burn: ['none', 'off'],
  });
  expect(table.states).toEqual(['off', 'on']);
  expect(table.events).toEqual(['press', 'burn']);
  expect([table.next('off', 'press'), table.next('on', 'press')]).toEqual(['on', 'off']);
  expect([table.next('off', 'burn'), table.next('on', 'burn')]).toEqual(['none', 'off']);
});
