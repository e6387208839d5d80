/**
 * Files of a patch that git takes for binary, for a zero byte somewhere: of these a patch shows no word.
 * @param patch in git's format @returns their names as the patch has them, quoted where git quotes
 */
export function binaryFiles(patch: string): string[] {
  const found: string[] = [];
  // Within a hunk every line begins with a sign, so that no content can pass for these.
  for (let at = patch.indexOf(MARK); at >= 0; at = patch.indexOf(MARK, at + MARK.length)) {
    const from = patch.lastIndexOf(`\n${HEADER}`, at);
    const header = from < 0 ? patch : patch.slice(from + 1);
    found.push(nameIn(header.slice(HEADER.length, header.indexOf('\n'))));
  }
  return found;
}

const MARK = '\nGIT binary patch\n';
const HEADER = 'diff --git ';

/** Both sides have one name: nothing is told as renamed. */
function nameIn(sides: string): string {
  const half = sides.slice(0, (sides.length - 1) / 2);
  return half.startsWith('"') ? half.slice(3, -1) : half.slice(2);
}
