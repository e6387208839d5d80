// `npm run torture -- --seconds 60 --processes 16 [--lock naive]`
import { parseArgs } from 'node:util';
import { faults } from './judge';
import { tortureRound } from './round';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      processes: { type: 'string', default: '16' },
      lock: { type: 'string', default: 'weld' },
    },
  });
  const round = await tortureRound({
    seconds: Number(values.seconds),
    processes: Number(values.processes),
    lock: values.lock === 'naive' ? 'naive' : 'weld',
  });
  for (const [name, value] of Object.entries(round))
    console.log(
      `${name.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`).padEnd(26)} ` +
        `${typeof value === 'number' ? Math.round(value) : String(value)}`,
    );
  const wrong = faults(round);
  console.log(
    wrong === 0 ? 'No overlap, no write accepted after a successor.' : `${wrong} faults; the log is ${round.log}`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
}

void main();
