/* What script adds to the pages; all of them are whole without it. */

/* Where the service lies: a proxy may have put it under a path. */
const root = new URL("..", document.currentScript.src);

/* A fact and its words light up together. */
function light(number, on) {
  for (const it of document.querySelectorAll(`[data-fact="${number}"]`)) it.classList.toggle("lit", on);
}
function innermost(event) {
  return event.target instanceof Element && event.target.closest("[data-fact]");
}
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => {
    const it = innermost(event);
    if (it) light(it.dataset.fact, on);
  });
}
let target;
function lightTarget() {
  if (target) light(target, false);
  target = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.dataset.fact;
  if (target) light(target, true);
}
addEventListener("hashchange", lightTarget);
lightTarget();

/* What can be copied: the text of the element that data-copy names. */
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const words = document.getElementById(button.dataset.copy).innerText.trim();
    await navigator.clipboard.writeText(words);
    button.textContent = "Copied";
  });
}

/* Names complete themselves: data-complete="id" puts the id into the field, else the name. */
const list = document.createElement("datalist");
list.id = "names";
document.body.append(list);
let asked = 0;
async function complete(field) {
  const number = ++asked;
  const answer = await fetch(new URL(`api/complete?q=${encodeURIComponent(field.value)}`, root));
  if (!answer.ok || number !== asked) return;
  const { items } = await answer.json();
  list.replaceChildren(...items.map((item) => new Option(item.label, field.dataset.complete ? item.id : item.label)));
}
for (const field of document.querySelectorAll("[data-complete]")) {
  field.setAttribute("list", list.id);
  field.addEventListener("input", () => field.value.trim() && complete(field));
}
