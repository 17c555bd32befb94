/* What the picture of a network is made with: Cytoscape.js draws it, d3-force says what lies where. */
export { default as cytoscape } from "cytoscape";
export { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
