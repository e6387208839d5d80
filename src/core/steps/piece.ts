/** A piece of evidence as it was found; anything missing, truncated or unreadable is a reason, never a value. */
export type Piece<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
