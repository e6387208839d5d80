/** @returns seconds below two minutes and minutes from there: "90 s", "15 min". @param round `Math.ceil` for a wait */
export const roughly = (ms: number, round: (value: number) => number): string =>
  ms < 120_000 ? `${round(ms / 1000)} s` : `${round(ms / 60_000)} min`;

/** @returns seconds to one decimal place: "7.5 s" */
export const exactSeconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** "40 s", "3 min", "2 h 5 min", from ms; a clock that was set back gives "0 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** @param ms a duration @returns it in words, exact to the second: "45 s", "3 min 5 s", "2 h 10 min" */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
