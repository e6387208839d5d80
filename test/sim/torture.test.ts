import { expect, it } from 'vitest';
import { budget, spent } from '../support/budget';
import { faults } from '../torture/judge';
import { tortureRound } from '../torture/round';

const { seconds } = budget('torture');

it('sixteen processes under SIGKILL, SIGSTOP and rm: no overlap, no write accepted after a successor', async () => {
  const round = await tortureRound({ seconds, processes: 16, lock: 'weld' });
  console.log(`torture: ${JSON.stringify(round)}`);
  spent('torture', 1, `rounds of ${seconds} s, ${round.acquisitions} acquisitions`);
  expect(round, round.log).toMatchObject({
    overlaps: 0,
    overlapsSuspended: 0,
    sameEpoch: 0,
    acceptedAfterSuccessor: 0,
    errors: [],
  });
  expect(round.acquisitions).toBeGreaterThan(50);
  expect(round.leftOver).toBeLessThanOrEqual(24);
}, 120_000);

it('the same fight over an exclusive-create lock is seen to overlap', async () => {
  for (let round = 0; round < 5; round++)
    if (faults(await tortureRound({ seconds: 3, processes: 16, lock: 'naive', everyMs: 15 })) > 0) return;
  expect.unreachable('the judge saw nothing wrong with a lock that is wrong');
}, 120_000);
