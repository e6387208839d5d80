import type { Redactor } from './redactor';
import { LONGEST_HELD } from './unfinished';
import { HIDDEN } from './words';

/** Passes a text on in pieces, holding back the few characters that may be the beginning of a secret. */
export class RedactedStream {
  private held = '';
  /** A secret was hidden that was longer than what is held: what goes on of it is left out. */
  private inside = false;

  constructor(
    private readonly redactor: Redactor,
    private readonly pass: (text: string) => void,
  ) {}

  push(piece: string): void {
    const whole = this.held + this.restOf(piece);
    const unfinished = Math.min(this.redactor.unfinished(whole), whole.length);
    const keep = unfinished >= LONGEST_HELD ? 0 : unfinished;
    this.held = whole.slice(whole.length - keep);
    const shown = this.say(whole.slice(0, whole.length - keep));
    if (keep === 0 && whole.length >= LONGEST_HELD) this.inside = shown.endsWith(HIDDEN);
  }

  flush(): void {
    const rest = this.held;
    this.held = '';
    this.say(rest);
  }

  private restOf(piece: string): string {
    if (!this.inside) return piece;
    const rest = piece.replace(/^[\w.+/=~-]*/u, '');
    this.inside = rest === '';
    return rest;
  }

  private say(text: string): string {
    const clean = this.redactor.clean(text);
    if (clean !== '') this.pass(clean);
    return clean;
  }
}
