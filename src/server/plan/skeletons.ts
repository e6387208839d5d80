import type { SectionName } from '../../core/plan';

/** Sections as a strict plan writes them, in their order. */
export const SECTION_TITLES = ['Goal', 'Changes', 'Acceptance criteria', 'Tests'] as const;
export type SectionTitle = (typeof SECTION_TITLES)[number];

export const titleOf = (name: SectionName): SectionTitle =>
  SECTION_TITLES.find((title) => title.toLowerCase() === name) ?? 'Goal';

/**
 * What stands below a section's heading before anything is written. @param place text to write at the place to go on
 */
export function sectionSkeleton(title: SectionTitle, place: string): string {
  switch (title) {
    case 'Goal':
      return place;
    case 'Changes':
      return `- ${place}`;
    case 'Acceptance criteria':
      return `- [ ] ${place}`;
    case 'Tests':
      return `- ${place}`;
  }
}
