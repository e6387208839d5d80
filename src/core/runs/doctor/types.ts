export interface DoctorLine {
  readonly level: 'ok' | 'warning' | 'failure';
  /** What was looked at and what was found. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const ok = (text: string): DoctorLine => ({ level: 'ok', text });
export const warning = (text: string, fix: string): DoctorLine => ({ level: 'warning', text, fix });
export const failure = (text: string, fix: string): DoctorLine => ({ level: 'failure', text, fix });
