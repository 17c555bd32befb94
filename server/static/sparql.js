/* Makes the field of the SPARQL page an editor, and lets examples be chosen. */
import { edit } from "./vendor/editor.js";

const area = document.querySelector("textarea[name=query]");
const editor = edit(area);
if (area.dataset.line) editor.point(Number(area.dataset.line), Number(area.dataset.column));

const examples = document.querySelector("[data-examples]");
examples.addEventListener("change", () => examples.value && editor.write(examples.value));
