export interface Place {
  readonly from: number;
  readonly to: number;
}

/**
 * Finds a piece of code in any layout: ignores spaces, line breaks and trailing commas.
 * @returns the range of each occurrence of `text` in `source`, in characters
 */
export function placesOf(source: string, text: string): readonly Place[] {
  const wanted = bare(text).code;
  const { code, at } = bare(source);
  const found: Place[] = [];
  for (let i = code.indexOf(wanted); wanted !== '' && i !== -1; i = code.indexOf(wanted, i + 1))
    found.push({ from: at[i] ?? 0, to: (at[i + wanted.length - 1] ?? 0) + 1 });
  return found;
}

/** @returns the code without its layout, and the offset of each remaining character in the text */
function bare(text: string): { readonly code: string; readonly at: readonly number[] } {
  const at = Array.from({ length: text.length }, (_, i) => i).filter((i) => !/\s/u.test(text.charAt(i)));
  const kept = at.filter((i, n) => text.charAt(i) !== ',' || !/[)\]}]/u.test(text.charAt(at[n + 1] ?? -1)));
  return { code: kept.map((i) => text.charAt(i)).join(''), at: kept };
}
