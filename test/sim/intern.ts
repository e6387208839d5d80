const numbers = new Map<string, number>();

/** A small number above 0 for a text, always the same for equal texts: these are compared millions of times. */
export function intern(text: string): number {
  let number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = numbers.size + 1));
  return number;
}
