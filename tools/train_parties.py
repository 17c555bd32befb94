"""Make what comes after the model: thresholds and calibration, and the trees that say who is meant.

    python tools/train_parties.py SHARED

SHARED holds `gold/`, the annotations, and `corpus/`, the volumes. Both are made by what models
said of documents that they were not taught with (`tests/gold/acts.jsonl.gz`, which `tools/train.py`
writes), so that scores mean what they mean in new documents: `ingest/acts.json` and
`ingest/parties.onnx`. `make eval` makes others, from four folds each, to measure what these are
worth. The seed is fixed; it takes two minutes.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.accuracy import Gold, cases_in, documents_in, keep_settings  # noqa: E402
from bench.grow import Grown, grown  # noqa: E402
from bench.recall import recalled  # noqa: E402
from ingest.parties import ROLES, TREES, Trees  # noqa: E402
from ingest.tagger import MODEL  # noqa: E402


def export(trees: Grown, path: Path) -> None:
    """Write the trees of all roles as one ensemble: rows in, a likelihood for each role out."""
    parts: defaultdict[str, list[Any]] = defaultdict(list)
    each = ((role, tree) for role, name in enumerate(ROLES) for tree in _trees(trees, name))
    for number, (role, tree) in enumerate(each):
        for name, values in _described(number, role, tree).items():
            parts[name] += values
    base = [float(trees.trees[role]._baseline_prediction.item()) for role in ROLES]
    sums = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["odds"], domain="ai.onnx.ml",
        n_targets=len(ROLES), base_values=base, **parts,
    )  # fmt: skip
    curve = helper.make_node("Sigmoid", ["odds"], ["likely"])
    width = trees.trees[ROLES[0]].n_features_in_
    graph = helper.make_graph(
        [sums, curve],
        "parties",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["row", width])],
        [helper.make_tensor_value_info("likely", TensorProto.FLOAT, ["row", len(ROLES)])],
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _trees(trees: Grown, role: str) -> list[Any]:
    """Return the nodes of each tree of a role, as scikit-learn keeps them."""
    return [tree.nodes for [tree] in trees.trees[role]._predictors]


def _described(number: int, role: int, nodes: Any) -> dict[str, list[Any]]:
    """Return a tree as ONNX has it: a list of nodes, and what each leaf adds to its role."""
    places = range(len(nodes))
    leaf = [bool(node["is_leaf"]) for node in nodes]
    ends = [place for place in places if leaf[place]]
    return {
        "nodes_treeids": [number] * len(nodes),
        "nodes_nodeids": [*places],
        "nodes_featureids": [0 if leaf[n] else int(nodes[n]["feature_idx"]) for n in places],
        "nodes_modes": ["LEAF" if leaf[n] else "BRANCH_LEQ" for n in places],
        "nodes_values": [0.0 if leaf[n] else float(nodes[n]["num_threshold"]) for n in places],
        "nodes_truenodeids": [0 if leaf[n] else int(nodes[n]["left"]) for n in places],
        "nodes_falsenodeids": [0 if leaf[n] else int(nodes[n]["right"]) for n in places],
        "target_treeids": [number] * len(ends),
        "target_nodeids": ends,
        "target_ids": [role] * len(ends),
        "target_weights": [float(nodes[n]["value"]) for n in ends],
    }


def main() -> None:
    """Make them from all annotated documents."""
    if len(sys.argv) != 2:
        sys.exit("Name the folder that holds gold/ and corpus/: train_parties.py ../shared")
    shared, acts = Path(sys.argv[1]), recalled()
    gold = Gold.read(shared)
    documents = documents_in(shared, gold.facts)
    keep_settings(documents, acts, gold, MODEL.with_suffix(".json"))
    known = [case for one in documents for case in cases_in(one, acts[one.key], gold)]
    trees = grown(known)
    export(trees, TREES)
    rows = np.vstack([case.rows for case in known])
    apart = np.abs(Trees(TREES).likely(rows) - trees.likely(rows))
    print(f"{TREES}: grown from {len(known):,} acts; the file is right to {apart.mean():.1e}")


if __name__ == "__main__":
    main()
