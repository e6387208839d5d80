import type { SectionName } from '../../core/plan';

/** Titles of the sections of a strict plan, in order. */
export const SECTION_TITLES = ['Goal', 'Changes', 'Acceptance criteria', 'Tests'] as const;

export type SectionTitle = (typeof SECTION_TITLES)[number];

export const titleOf = (name: SectionName): SectionTitle =>
  SECTION_TITLES.find((title) => title.toLowerCase() === name) ?? 'Goal';

/** What the first line of a section begins with. */
const MARKS: Readonly<Record<SectionTitle, string>> = {
  Goal: '',
  Changes: '- ',
  'Acceptance criteria': '- [ ] ',
  Tests: '- ',
};

/** A section with its heading. @param place placeholder or tab stop at the point to write */
export const sectionSkeleton = (title: SectionTitle, place: string): string =>
  `### ${title}\n\n${MARKS[title]}${place}`;

/** All sections of a step. @param placeOf gives the placeholder or tab stop of a section by its index, from 0 */
export const allSections = (placeOf: (title: SectionTitle, index: number) => string): string =>
  SECTION_TITLES.map((title, index) => sectionSkeleton(title, placeOf(title, index))).join('\n\n');

export const PLACEHOLDER: Readonly<Record<SectionName, string>> = {
  goal: 'What this step achieves.',
  changes: 'What changes, file by file.',
  'acceptance criteria': 'What holds when the step is done.',
  tests: 'How that is tested.',
};
