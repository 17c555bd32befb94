/* Makes the field of the SPARQL page an editor, and lets examples be chosen. */
import { edit } from "./vendor/editor.js";

async function json(path) {
  const answer = await fetch(new URL(`../api/${path}`, import.meta.url));
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

const area = document.querySelector("textarea[name=query]");
const editor = edit(area, {
  known: () => json("terms"),
  find: async (name) => (await json(`complete?q=${encodeURIComponent(name)}`)).items,
});
if (area.dataset.line) editor.point(Number(area.dataset.line), Number(area.dataset.column));

const examples = document.querySelector("[data-examples]");
examples.addEventListener("change", () => examples.value && editor.write(examples.value));
