/* The editor of the SPARQL page: CodeMirror on top of the <textarea> of the form.
 *
 * It is mounted in a shadow root, where CodeMirror adopts its style sheet instead of writing a
 * <style> element, so that the page needs no exception from its Content-Security-Policy. The
 * <textarea> stays the form's field: each change is written back to it.
 */
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
});

// Chrome would give what is typed over coloured words their style, against the policy.
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(event.data ?? ""), { userEvent: "input.type" });
    return true;
  },
});

/** Put an editor in the place of a textarea; Ctrl+Enter sends its form. */
export function edit(area) {
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
        keymap.of([{ key: "Mod-Enter", run: send }, ...defaultKeymap, ...historyKeymap]),
        StreamLanguage.define(sparql), syntaxHighlighting(colours), look,
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
