import { expect, test } from 'vitest';
import { stopOf } from '../../../../src/core/steps/loopStop';
import { WeldError } from '../../../../src/core/util/errors';

test('a stop by the person does not hide what a guest did beyond its task', () => {
  const ending = { lost: null, cancelled: true, outOfTime: false };
  expect(
    stopOf(new WeldError('VIOLATION', 'A check changed hooks meanwhile; read them before you continue.'), ending),
  ).toEqual({
    reason: 'cancelled',
    message: 'Stopped. A check changed hooks meanwhile; read them before you continue.',
  });
  expect(stopOf(new WeldError('CANCELLED', 'Cancelled.'), ending)).toEqual({
    reason: 'cancelled',
    message: 'Stopped; Continue picks up where it stopped.',
  });
});
