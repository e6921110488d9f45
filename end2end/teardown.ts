// Runs once, after the last test: the database of the stories is thrown away.

import { rm } from "node:fs/promises";

export default async function teardown(): Promise<void> {
  const folder = process.env.STORIES_FOLDER;
  if (folder) await rm(folder, { recursive: true, force: true });
}
