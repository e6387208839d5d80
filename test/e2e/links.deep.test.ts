import { expect, test } from 'vitest';
import { sampleRecording } from '../support/recordings';
import { seed } from '../support/seed';
import { useEditor } from './harness';

const harness = useEditor();

test('the title of a step is no link in a notification, whatever command it names', async () => {
  const link = 'Greet [a friend](command:workbench.action.files.newUntitledFile)';
  const plain = sampleRecording();
  const recording = {
    ...plain,
    answers: plain.answers.map((each) => ({
      ...each,
      answer: each.answer.replaceAll("Greet in the person's language", link),
    })),
  };
  const sample = await harness.sample({ recording });
  await seed(sample);
  const window = await harness.open(sample.top);
  await window.openView('Weld');
  await window.expand('greetings');
  await window.menu(/^1 Greet by name/u, 'Run Step Loop');
  await window.toast(/Step 1 passed/u).waitFor({ timeout: 60_000 });
  await window.clearToasts();
  await window.command('Weld: Commit Step Work…');
  await window.pick(/What Passed/u);
  await window.answer('Greet');
  await window.toast(/Committed as .* Step 2 comes next: Greet/u).waitFor({ timeout: 60_000 });
  expect(await window.toasts.locator('a').count()).toBe(0);
});
