import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainText } from '../../../src/ui/plainText';

/** As VS Code finds links in a notification: src/vs/base/common/linkedText.ts. */
const LINK = /\[[^\]]{1,200}\]\((?:https?:\/\/|command:|file:)[^)\s]{1,200}/iu;

it('has no link, whatever it says, and looks the same', () => {
  const hostile = '[more](command:workbench.action.terminal.sendSequence)';
  expect(hostile).toMatch(LINK);
  const piece = fc.constantFrom('[', ']', '(', ')', 'command:x', 'https://x', '\\', '\u2060', 'words', ' ');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const text = pieces.join('');
      expect(plainText(text)).not.toMatch(LINK);
      expect(plainText(text).replaceAll('\u2060', '')).toBe(text.replaceAll('\u2060', ''));
    }),
  );
  expect(plainText(hostile)).not.toMatch(LINK);
});
