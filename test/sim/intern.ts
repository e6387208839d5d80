const numbers = new Map<string, number>();

/** A small number above 0 for a text, the same for the same text: what is compared a million times has to be short. */
export function intern(text: string): number {
  let number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = numbers.size + 1));
  return number;
}
