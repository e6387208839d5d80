/** @returns seconds below two minutes, else minutes: "90 s", "15 min". @param round `Math.ceil` for a waiting time */
export const roughly = (ms: number, round: (value: number) => number): string =>
  ms < 120_000 ? `${round(ms / 1000)} s` : `${round(ms / 60_000)} min`;

/** @returns seconds with at most one decimal: "7.5 s" */
export const exactSeconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** @returns "40 s", "3 min" or "2 h 5 min"; "0 s" for a negative duration. @param ms a duration */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** @returns the duration with its two largest units: "45 s", "3 min 5 s", "2 h 10 min". @param ms a duration */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
