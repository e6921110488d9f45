// Who plays where. Each story, in each project, has a municipality of its own: joined, and not in the
// history of the demonstration. What a story changes there, no other story sees.

import type { TestInfo } from "@playwright/test";

/** The ISTAT codes on the desktop and on the phone. */
const TOWNS = {
  // 36 credits, or 40 in the mountains, with the package of three services of high interactivity.
  "main job": ["013250", "013239"],
  "main job, no script": ["013107", "013183"],
  "too few credits": ["013170", "013238"],
  "too few credits, no script": ["013131", "013007"],
  "a ninth service": ["013101", "013163"],
  "a ninth service, no script": ["013068", "013034"],
  "below the minimum": ["013135", "013023"],
  "prerequisites and exclusions": ["013004", "013055"],
  "nothing to send": ["013005", "013046"],
  "two officers": ["013029", "013137"],
  "two officers, no script": ["013157", "013097"],
  "sent back": ["013052", "013197"],
  "expired session": ["013111", "013248"],
  "expired session, no script": ["013089", "013216"],
  "life of a request": ["013043", "013154"],
  "operator's list": ["013053", "013232"],
  "refused, no script": ["013074", "013063"],
  "two operators": ["013099", "013044"],
  "shown to the mayor": ["013233", "013015"],
  administrator: ["013211", "013185"],
  "two administrators, no script": ["013186", "013087"],
  language: ["013083", "013178"],
  offline: ["013120", "013203"],
  "sign-out": ["013218", "013192"],
  picture: ["013037", "013025"],
  // The history itself: only here a request is overdue.
  overdue: ["013229", "013092"],
} satisfies Record<string, [desktop: string, phone: string]>;

export type Story = keyof typeof TOWNS;

export function town(story: Story, info: TestInfo): string {
  const [desktop, phone] = TOWNS[story];
  return info.project.name === "phone" ? phone : desktop;
}
