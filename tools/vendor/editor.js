/* The editor of the SPARQL page: CodeMirror on top of the <textarea> of the form.
 *
 * It is mounted in a shadow root, where CodeMirror adopts its style sheet instead of writing a
 * <style> element, so that the page needs no exception from its Content-Security-Policy. The
 * <textarea> stays the form's field: each change is written back to it.
 */
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import {
  bracketMatching, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting,
} from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.atom, tags.namespace], color: "var(--code-iri)" },
  { tag: [tags.string, tags.number], color: "var(--code-string)" },
  { tag: [tags.variableName, tags.standard(tags.variableName)], color: "var(--code-variable)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { fontSize: "15px", color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)", padding: "0.6rem 0" },
  ".cm-scroller": { minHeight: "16rem", maxHeight: "60vh", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--ink) 5%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "var(--selection) !important",
  },
  ".cm-fault": { textDecoration: "underline wavy var(--refusal)" },
  ".cm-tooltip": {
    backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--strong-rule)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "14px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--selection)", color: "var(--ink)",
  },
  ".cm-completionDetail": { color: "var(--muted)", fontFamily: "var(--sans)" },
  ".cm-completionInfo": { fontFamily: "var(--sans)", maxWidth: "24rem" },
});

// Chrome would give what is typed over coloured words their style, against the policy.
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(event.data ?? ""), { userEvent: "input.type" });
    return true;
  },
});

const KEYWORDS = (
  "ASK AS ASC BASE BIND BY CONSTRUCT COUNT DESC DESCRIBE DISTINCT EXISTS FILTER FROM GRAPH GROUP "
  + "GROUP_CONCAT HAVING IN LIMIT MAX MIN MINUS NAMED NOT OFFSET OPTIONAL ORDER PREFIX REDUCED "
  + "REGEX SAMPLE SELECT STR SUM UNION VALUES WHERE"
).split(" ").map((label) => ({ label, type: "keyword", boost: -1 }));

/** Complete terms, prefixes, variables and things of ours.
 *
 * `known` gives, once it is asked, the prefixes and terms; `find` gives things by a name's beginning.
 */
function completing({ known, find }) {
  const read = () => (read.once ??= known().catch(() => ({ prefixes: {}, terms: [] })));
  return async (context) => {
    if (context.tokenBefore(["string", "comment"])) return null;
    const thing = context.matchBefore(/<[a-z]*\/?[\w-]*/);
    if (thing) return things(thing, context, find);
    const word = context.matchBefore(/[?$]?[\w-]*:?[\w-]*/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const text = context.state.doc.toString();
    if (/^[?$]/.test(word.text)) return { from: word.from, options: variables(text, word.text) };
    const { prefixes, terms } = await read();
    if (context.matchBefore(/PREFIX\s+[\w-]*:?/i)) return { from: word.from, options: declarations(prefixes) };
    const options = terms.map((term) => ({
      label: term.name, detail: term.label, info: term.definition || undefined,
      type: term.kind === "class" ? "class" : "property", boost: Math.min(20, Math.log2(1 + term.uses)),
      apply: declaring(prefixes),
    }));
    return { from: word.from, options: [...options, ...KEYWORDS], validFor: /^[\w-]*:?[\w-]*$/ };
  };
}

async function things(typed, context, find) {
  const name = typed.text.replace(/^<([a-z]*\/)?/, "").replaceAll("-", " ");
  if (!name) return null;
  const items = await find(name);
  return context.aborted ? null : {
    from: typed.from, filter: false,
    options: items.map((item) => ({ label: `<${item.id}>`, detail: item.label, type: "constant" })),
  };
}

function variables(text, typed) {
  const found = new Set(text.match(/[?$]\w+/g) ?? []);
  found.delete(typed);
  return [...found].map((label) => ({ label, type: "variable" }));
}

function declarations(prefixes) {
  return Object.entries(prefixes).map(([name, iri]) => ({
    label: `${name}:`, detail: iri, apply: `${name}: <${iri}>`, type: "namespace",
  }));
}

/** Write a term, and declare its prefix above if the query does not. */
function declaring(prefixes) {
  return (view, completion, from, to) => {
    const prefix = completion.label.split(":")[0];
    const declared = new RegExp(`PREFIX\\s+${prefix}:`, "i").test(view.state.doc.toString());
    const above = declared ? [] : [{ from: 0, insert: `PREFIX ${prefix}: <${prefixes[prefix]}>\n` }];
    const before = above.length ? above[0].insert.length : 0;
    view.dispatch({
      changes: [...above, { from, to, insert: completion.label }],
      selection: { anchor: before + from + completion.label.length },
    });
  };
}

/** Put an editor in the place of a textarea; Ctrl+Enter sends its form.
 *
 * `sources` is where completions come from, as `completing` has it.
 */
export function edit(area, sources) {
  const host = document.createElement("div");
  host.className = "editor";
  const shadow = host.attachShadow({ mode: "open" });
  const send = () => (area.form.requestSubmit(), true);
  const view = new EditorView({
    parent: shadow,
    root: shadow,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), history(), bracketMatching(), indentOnInput(), highlightActiveLine(),
        // Tab keeps its meaning, to leave the field: nobody is caught in it.
        keymap.of([{ key: "Mod-Enter", run: send }, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        StreamLanguage.define(sparql), syntaxHighlighting(colours), look,
        autocompletion({ override: [completing(sources)], icons: false }),
        EditorView.lineWrapping,
        typedOver,
        EditorView.contentAttributes.of({ "aria-label": "Query in SPARQL" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  area.after(host);
  area.hidden = true;
  return {
    /** Replace the whole text. */
    write(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    /** Put the cursor where the query stops to be SPARQL; both count from 1. */
    point(line, column) {
      const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
      view.dispatch({ selection: { anchor: Math.min(at.from + column - 1, at.to) }, scrollIntoView: true });
      view.focus();
    },
  };
}
