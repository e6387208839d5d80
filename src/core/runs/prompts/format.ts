/** The one format that plans are asked for and read in. */
export const PLAN_FORMAT = `## Step N: Title

### Goal
One or two sentences: what works after this step that did not before.

### Changes
- \`path/of/a/file\`: what changes in it (say "new file" where it does not exist yet)

### Acceptance criteria
- [ ] One observable fact that a reviewer can check by reading the change or running a command

### Tests
- The test file or the command that shows it`;

export const PLAN_RULES = `- Steps are numbered 1, 2, 3, … without gaps, each with a second-level heading of exactly the form \`## Step N: Title\`.
- Every step has the four sections Goal, Changes, Acceptance criteria and Tests, as third-level headings, in this order.
- A step is small enough for one review, leaves the repository working with all checks passing, and builds only on the steps before it.
- Criteria are facts that can be checked, not intentions; each is one list item with a checkbox.
- Name real paths of this repository; read the code before you name them.
- Do not put the plan into a code fence, and write nothing after its last step.`;

/** Encloses foreign text so that a model can tell where it ends, whatever the text contains. */
export function enclosed(name: string, text: string): string {
  let tag = name;
  for (const [, underscores = ''] of text.matchAll(new RegExp(`</${name}(_*)>`, 'gu')))
    if (name.length + underscores.length >= tag.length) tag = `${name}${underscores}_`;
  return `<${tag}>\n${text.trimEnd()}\n</${tag}>`;
}
