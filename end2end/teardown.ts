// Runs once, after the last test: the database of the stories is thrown away, and no panic in the server's log is
// overlooked.

import { readFile, rm } from "node:fs/promises";

export default async function teardown(): Promise<void> {
  const folder = process.env.STORIES_FOLDER;
  if (folder) await rm(folder, { recursive: true, force: true });
  const log = process.env.STORIES_LOG;
  const lines = log ? (await readFile(log, "utf8")).split("\n") : [];
  const panics = lines.filter((line) => line.includes("panicked"));
  if (panics.length > 0) throw new Error(`The server panicked ${panics.length} times:\n${panics.join("\n")}`);
}
