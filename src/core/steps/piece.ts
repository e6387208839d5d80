/** A piece of evidence, or why there is none: missing, truncated or unreadable evidence never becomes a value. */
export type Piece<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
