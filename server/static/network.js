/* Draws the network of a page: the same network is always the same picture.
 *
 * Places come from forces with a fixed beginning and a fixed number of steps (d3-force draws its
 * random numbers from a fixed seed). Colours come from the style sheet, so that they follow the
 * scheme; what a colour says, a shape or a word says as well.
 */
import {
  cytoscape, forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY,
} from "./vendor/network.js";

const SHAPES = {
  person: "ellipse", organization: "round-rectangle", state: "hexagon", position: "diamond",
  place: "triangle", topic: "triangle",
};
const ENDS = {
  request: { "target-arrow-shape": "triangle" },
  offer: { "target-arrow-shape": "triangle", "target-arrow-fill": "hollow" },
  commitment: { "target-arrow-shape": "diamond" },
  refusal: { "target-arrow-shape": "tee" },
};
const VERBS = { meeting: "met", request: "asked", offer: "offered", commitment: "promised", refusal: "refused" };
const STEPS = 300, STEPS_AT_ONCE = 15;
const LETTERS = 13; // Height of names, in pixels, however near the picture is.
const EDGE = 36; // Pixels around the network.
const LARGEST = 1.3; // How many times its size a small network is shown.
const REST = 120; // Milliseconds that the picture has stood still when names are chosen anew.
const MANY = 500; // With more lines than this, the picture moves as it was painted.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const counted = (count, one) => `${count.toLocaleString("en")} ${count === 1 ? one : `${one}s`}`;

/** Read the network that the figure holds, or from the address that it names. */
async function read(figure) {
  const { source, content: held } = figure.dataset;
  if (held) return JSON.parse(held);
  const answer = await fetch(source, { headers: { Accept: "application/json" } });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.detail);
  return content;
}

/** Join the ties of each two: how strong they are, and what there is in words. */
function paired({ nodes, ties }) {
  const label = new Map(nodes.map((node) => [node.id, node.label]));
  const pairs = new Map();
  for (const tie of ties) {
    const [source, target] = [tie.subject, tie.object].sort();
    const pair = pairs.get(`${source} ${target}`) ?? { source, target, ties: 0, count: 0, words: [] };
    pairs.set(`${source} ${target}`, pair);
    pair.ties += 1;
    pair.count += tie.count;
    pair.words.push(tie.kind in VERBS && tie.kind !== "meeting"
      ? `${label.get(tie.subject)} ${VERBS[tie.kind]} ${tie.count.toLocaleString("en")}`
      : `${VERBS[tie.kind] ?? "tied"} ${tie.count.toLocaleString("en")}`);
  }
  for (const pair of pairs.values()) {
    pair.words = `${label.get(pair.source)} and ${label.get(pair.target)}: ${pair.words.join(", ")}`;
  }
  return pairs;
}

/** Find where each node lies: in pieces, so that the page stays alive meanwhile. */
async function placed(nodes, pairs, width, height) {
  const points = nodes.map(({ id, size, centre }) => ({ id, size, ...(centre ? { fx: 0, fy: 0 } : {}) }));
  const links = pairs.map(({ source, target, count }) => ({ source, target, count }));
  const own = ({ source, target }) => "fx" in source || "fx" in target;
  const simulation = forceSimulation(points)
    .force("link", forceLink(links).id((point) => point.id).distance((link) => (own(link) ? 120 : 60)))
    .force("charge", forceManyBody().strength(-400))
    .force("collide", forceCollide((point) => point.size / 2 + 12))
    .force("x", forceX().strength(0.04))
    .force("y", forceY().strength(0.04 * width / height))
    .alphaDecay(1 - 0.001 ** (1 / STEPS))
    .stop();
  for (let done = 0; done < STEPS; done += STEPS_AT_ONCE) {
    simulation.tick(STEPS_AT_ONCE);
    await new Promise((resolve) => { setTimeout(resolve); });
  }
  const span = (values) => Math.max(...values) - Math.min(...values) || 1;
  const shape = span(points.map(({ x }) => x)) / span(points.map(({ y }) => y));
  const wider = Math.min(1.8, Math.max(0.6, width / height / shape));
  return new Map(points.map(({ id, x, y }) => [id, { x: x * wider, y }]));
}

/** The look of the picture, in the colours that the page has now. */
function look(figure, many) {
  const style = getComputedStyle(figure);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const label = { label: "data(label)" };
  return [
    { selector: "node", style: {
      width: "data(size)", height: "data(size)", "border-width": 1.5, "border-color": colour("ink"),
      color: colour("ink"), "font-family": style.getPropertyValue("--sans"),
      "text-valign": "bottom", "text-outline-color": colour("paper"), "overlay-opacity": 0,
    } },
    ...Object.entries(SHAPES).map(([type, shape]) => ({
      selector: `node.${type}`, style: { shape, "background-color": colour(`type-${type}`) },
    })),
    { selector: "node.named, node.pointed", style: label },
    { selector: "node.centre", style: { "border-width": 4, "font-weight": 700 } },
    { selector: "node.pointed", style: { "border-color": colour("accent"), "border-width": 3.5, "z-index": 2 } },
    { selector: "node.here", style: {
      "outline-width": 3, "outline-color": colour("accent"), "outline-offset": 3,
    } },
    { selector: "edge", style: {
      width: "data(width)", "curve-style": "straight", opacity: Math.min(0.45, 0.12 + 30 / many),
      "line-color": colour("muted"), "target-arrow-color": colour("muted"),
      "arrow-scale": 0.9, "overlay-opacity": 0,
    } },
    { selector: "edge.own", style: { opacity: 0.5 } },
    { selector: "edge.beside", style: { "curve-style": "bezier", "control-point-step-size": 14 } },
    { selector: "edge.row", style: { "target-arrow-shape": "triangle" } },
    ...Object.keys(VERBS).map((kind) => ({
      selector: `edge.${kind}`,
      style: { "line-color": colour(kind), "target-arrow-color": colour(kind), ...ENDS[kind] },
    })),
    { selector: "edge.lit", style: { opacity: 1, "z-index": 1 } },
  ];
}

function elements(nodes, ties, pairs, places) {
  const middle = nodes.find(({ centre }) => centre)?.id;
  const own = ({ subject, object }) => !middle || subject === middle || object === middle;
  const beside = ({ subject, object }) => pairs.get([subject, object].sort().join(" ")).ties > 1;
  return [
    ...nodes.map(({ id, label, size, type, centre, said }) => ({
      data: { id, label, size, said }, classes: [type, centre ? "centre" : ""], position: places.get(id),
    })),
    ...ties.map((tie, order) => ({
      data: {
        id: `tie ${order}`, source: tie.subject, target: tie.object,
        width: 0.6 + Math.log2(tie.count + 1) / 1.8,
      },
      classes: [tie.kind || "row", own(tie) ? "own" : "", beside(tie) ? "beside" : ""],
    })),
  ];
}

/** Give each node its size, and the words that are told of it. */
function sized({ nodes, entity }) {
  const centre = entity?.id;
  const most = Math.max(1, ...nodes.filter(({ id }) => id !== centre).map(({ count }) => count));
  const said = (node) => {
    if (node.id === centre) return `${node.label}, in the middle`;
    return centre ? `${node.label}: ${counted(node.count, "fact")} with ${entity.label}` : node.label;
  };
  return nodes.map((node) => ({
    ...node, centre: node.id === centre, said: said(node),
    size: node.id === centre ? 34 : 10 + 20 * Math.sqrt(node.count / most),
  }));
}

/** Name those whose names cover neither a name nor another: the nearer the picture, the more. */
function name(cy) {
  const zoom = cy.zoom();
  const apart = (one, other) => one.right < other.left || other.right < one.left
    || one.bottom < other.top || other.bottom < one.top;
  const named = [], nodes = cy.nodes().map((node) => {
    const { x, y } = node.renderedPosition(), size = node.renderedWidth() / 2;
    return { node, x, y, left: x - size, right: x + size, top: y - size, bottom: y + size };
  });
  for (const it of nodes) { // In the order of their strength.
    const half = it.node.data("label").length * LETTERS * 0.28;
    const box = { left: it.x - half, right: it.x + half, top: it.bottom + 1, bottom: it.bottom + LETTERS + 4 };
    const whole = it.x < 0 || it.x > cy.width() || (box.left > 0 && box.right < cy.width());
    it.free = whole && [...named, ...nodes].every((other) => other === it || apart(box, other));
    if (it.free || it.node.hasClass("centre")) named.push(box);
  }
  cy.batch(() => {
    cy.nodes().style({
      "font-size": LETTERS / zoom, "text-outline-width": 2.5 / zoom, "text-margin-y": 3 / zoom,
    });
    for (const { node, free } of nodes) node.toggleClass("named", free || node.hasClass("centre"));
  });
}

/** Where a click leads: each step has an address. With an entity in the middle one walks on. */
function leading(figure, entity) {
  const go = (changes) => {
    const address = new URL(location.href);
    address.searchParams.delete("page");
    address.hash = "";
    for (const [name, value] of Object.entries(changes)) address.searchParams.set(name, value);
    location.assign(address);
  };
  return {
    node: (node) => {
      if (!entity) location.assign(`${figure.dataset.root}/${node.id()}`);
      else if (node.id() !== entity.id) go({ entity: node.id() });
    },
    edge: (edge) => entity && go({ entity: edge.source().id(), other: edge.target().id() }),
  };
}

/** What is pointed at stands out, and is told in words. Only what changes is painted anew. */
function lighting(cy, told, pairs) {
  let lit = cy.collection(), pointed = cy.collection();
  const light = (ties, nodes, words) => {
    cy.batch(() => {
      lit.not(ties).removeClass("lit");
      pointed.not(nodes).removeClass("pointed");
      ties.not(lit).addClass("lit");
      nodes.not(pointed).addClass("pointed");
    });
    [lit, pointed, told.textContent] = [ties, nodes, words];
  };
  return {
    none: () => light(cy.collection(), cy.collection(), ""),
    node: (node) => light(node.connectedEdges(), node, node.data("said")),
    edge: (edge) => {
      const ends = edge.connectedNodes();
      light(edge.parallelEdges(), ends, pairs.get(ends.map((node) => node.id()).sort().join(" ")).words);
    },
  };
}

/** The nearest node in a direction: what lies aside is farther. */
function ahead(cy, here, right, down) {
  const from = here.position();
  const others = cy.nodes().not(here).map((node) => {
    const x = node.position("x") - from.x, y = node.position("y") - from.y;
    const along = x * right + y * down, aside = Math.abs(x * down) + Math.abs(y * right);
    return { node, along, cost: along + 2 * aside };
  });
  const within = others.filter(({ along, cost }) => along > 0 && cost < 5 * along);
  return within.sort((one, other) => one.cost - other.cost)[0]?.node;
}

/** The keyboard goes from node to node; returns who it is at, while it is used. */
function byKeys(cy, picture, lights, view, enter) {
  let here = cy.nodes(".centre").nonempty() ? cy.nodes(".centre") : cy.nodes().first();
  const goTo = (node) => {
    here.removeClass("here");
    here = node.addClass("here");
    lights.node(here);
    const { x, y } = here.renderedPosition();
    const inside = x > 40 && y > 40 && x < cy.width() - 40 && y < cy.height() - 40;
    if (!inside) cy.animate({ center: { eles: here } }, { duration: calm.matches ? 0 : 200 });
  };
  const step = (right, down) => {
    const next = ahead(cy, here, right, down);
    if (next) goTo(next);
  };
  const keys = {
    ArrowRight: () => step(1, 0), ArrowLeft: () => step(-1, 0),
    ArrowDown: () => step(0, 1), ArrowUp: () => step(0, -1),
    "+": view.in, "=": view.in, "-": view.out, 0: view.all,
    Enter: () => enter(here), Escape: lights.none,
  };
  picture.addEventListener("pointerdown", () => picture.focus({ preventScroll: true }));
  picture.addEventListener("focus", () => picture.matches(":focus-visible") && goTo(here));
  picture.addEventListener("blur", () => { here.removeClass("here"); lights.none(); });
  picture.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  return () => (here.hasClass("here") ? here : undefined);
}

function byMouse(cy, picture, lights, lead, walking) {
  cy.on("tap", "node", ({ target }) => lead.node(target));
  cy.on("tap", "edge", ({ target }) => lead.edge(target));
  cy.on("mouseover", "node", ({ target }) => lights.node(target));
  cy.on("mouseover", "edge", ({ target }) => lights.edge(target));
  cy.on("mouseout", "node, edge", () => (walking() ? lights.node(walking()) : lights.none()));
  cy.on("mouseover", "node, edge", () => picture.classList.add("pointing"));
  cy.on("mouseout", "node, edge", () => picture.classList.remove("pointing"));
}

/** Show all of the network, but not larger than it is good to read. */
function fit(cy) {
  cy.fit(undefined, EDGE);
  if (cy.zoom() > LARGEST) cy.zoom(LARGEST).center();
}

/** Choose the names that are shown, now and whenever the picture has come to rest. */
function naming(cy) {
  let later;
  name(cy);
  cy.on("zoom dragfree", () => {
    clearTimeout(later);
    later = setTimeout(() => name(cy), REST);
  });
}

async function draw(figure) {
  const picture = figure.querySelector(".picture");
  const network = await read(figure);
  const nodes = sized(network), pairs = paired(network);
  const places = await placed(nodes, [...pairs.values()], picture.clientWidth, picture.clientHeight);
  const style = () => look(figure, network.ties.length);
  const cy = cytoscape({
    container: picture, elements: elements(nodes, network.ties, pairs, places), style: style(),
    layout: { name: "preset" }, minZoom: 0.1, maxZoom: 4,
    boxSelectionEnabled: false, autounselectify: true, pixelRatio: Math.min(devicePixelRatio, 2),
    textureOnViewport: network.ties.length > MANY,
  });
  fit(cy);
  naming(cy);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(style()));

  let walking = () => undefined;
  const zoom = (times) => cy.zoom({
    level: cy.zoom() * times,
    renderedPosition: walking()?.renderedPosition() ?? { x: cy.width() / 2, y: cy.height() / 2 },
  });
  const view = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), all: () => fit(cy) };
  const lights = lighting(cy, figure.querySelector(".told"), pairs);
  const lead = leading(figure, network.entity);
  walking = byKeys(cy, picture, lights, view, lead.node);
  byMouse(cy, picture, lights, lead, walking);
  for (const button of figure.querySelectorAll("[data-view]")) {
    button.addEventListener("click", view[button.dataset.view]);
  }
  figure.cy = cy; // For tests, and for who looks into it.
  figure.dataset.drawn = "";
}

const figure = document.querySelector("figure.network");
/* A wheel moves the page unless the picture was chosen before: nobody is caught in it. */
figure.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !figure.contains(document.activeElement)) event.stopPropagation();
}, { capture: true });
draw(figure).catch((error) => {
  figure.querySelector(".told").textContent = `The picture cannot be shown: ${error.message}`;
});
