import type { Oid } from '../artifacts/schemas';

export interface Ref {
  readonly name: string;
  /** The id of the object that the ref names. */
  readonly oid: Oid;
}

/**
 * Refs as git lists them, grouped by the part of the name after a prefix. There may be many thousands; they are parsed
 * only if they differ from before.
 */
export class RefList {
  private constructor(
    private readonly prefix: string,
    private readonly groups: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** @param lines an id and a name each @param prefix of all names, with a slash at its end */
  static of(lines: readonly string[], prefix: string): RefList {
    const groups = new Map<string, string[]>();
    for (const line of lines) {
      const group = groupOf(line, line.indexOf(' ') + 1 + prefix.length);
      const known = groups.get(group);
      if (known) known.push(line);
      else groups.set(group, [line]);
    }
    return new RefList(prefix, groups);
  }

  /** A copy in which the changed groups, such as runs, come from `fresh`. */
  with(changed: readonly string[], fresh: RefList): RefList {
    const groups = new Map(this.groups);
    for (const group of changed) {
      const lines = fresh.groups.get(group);
      if (lines) groups.set(group, lines);
      else groups.delete(group);
    }
    return new RefList(this.prefix, groups);
  }

  /** The refs of a group as git lists them, an id and a name each. */
  group(name: string): readonly string[] {
    return this.groups.get(name) ?? [];
  }

  /** All refs, sorted by name. */
  all(): Ref[] {
    const refs = [...this.groups.values()]
      .flat()
      .map((line) => ({ name: line.slice(line.indexOf(' ') + 1), oid: line.slice(0, line.indexOf(' ')) as Oid }));
    return refs.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The object that a ref names; null if it does not exist. Reads the refs of its group only. */
  get(name: string): Oid | null {
    const lines = this.groups.get(groupOf(name, this.prefix.length));
    const line = lines?.find((each) => each.endsWith(` ${name}`));
    return line === undefined ? null : (line.slice(0, line.indexOf(' ')) as Oid);
  }

  equals({ groups }: RefList): boolean {
    if (this.groups === groups) return true;
    if (this.groups.size !== groups.size) return false;
    for (const [group, lines] of this.groups) {
      const other = groups.get(group);
      if (other !== lines && (other?.length !== lines.length || lines.some((line, i) => line !== other[i])))
        return false;
    }
    return true;
  }
}

/** @param from where the part of the name after the prefix begins */
function groupOf(text: string, from: number): string {
  const to = text.indexOf('/', from);
  return text.slice(from, to === -1 ? undefined : to);
}
