/**
 * Text for a notification, which makes links of `[words](command:…)`: titles, file names and an agent's words may come
 * from anybody, and a click would run a command of the editor.
 * @returns the text, looking the same, without links
 */
export const plainText = (text: string): string => text.replaceAll('](', ']\u2060(');
