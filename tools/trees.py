"""Boosted trees of scikit-learn, written as one file that onnxruntime reads (`ingest.trees`).

What scikit-learn keeps of its trees is private to it: skl2onnx, which knows it, fails with its
current version. Who calls this compares the answers of the file with those of the trees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper


def export(forests: Sequence[Any], path: Path) -> None:
    """Write forests with one number a class as one ensemble: rows in, a likelihood for each out."""
    parts: defaultdict[str, list[Any]] = defaultdict(list)
    each = [(place, tree.nodes) for place, one in enumerate(forests) for [tree] in one._predictors]
    for number, (place, nodes) in enumerate(each):
        for name, values in _described(number, place, nodes).items():
            parts[name] += values
    base = [float(one._baseline_prediction.item()) for one in forests]
    sums = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["odds"], domain="ai.onnx.ml",
        n_targets=len(forests), base_values=base, **parts,
    )  # fmt: skip
    curve = helper.make_node("Sigmoid", ["odds"], ["likely"])
    width = forests[0].n_features_in_
    graph = helper.make_graph(
        [sums, curve],
        "trees",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["row", width])],
        [helper.make_tensor_value_info("likely", TensorProto.FLOAT, ["row", len(forests)])],
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _described(number: int, place: int, nodes: Any) -> dict[str, list[Any]]:
    """Return a tree as ONNX has it: a list of nodes, and what each leaf adds."""
    every = range(len(nodes))
    leaf = [bool(node["is_leaf"]) for node in nodes]
    ends = [n for n in every if leaf[n]]
    return {
        "nodes_treeids": [number] * len(nodes),
        "nodes_nodeids": [*every],
        "nodes_featureids": [0 if leaf[n] else int(nodes[n]["feature_idx"]) for n in every],
        "nodes_modes": ["LEAF" if leaf[n] else "BRANCH_LEQ" for n in every],
        "nodes_values": [0.0 if leaf[n] else float(nodes[n]["num_threshold"]) for n in every],
        "nodes_truenodeids": [0 if leaf[n] else int(nodes[n]["left"]) for n in every],
        "nodes_falsenodeids": [0 if leaf[n] else int(nodes[n]["right"]) for n in every],
        "target_treeids": [number] * len(ends),
        "target_nodeids": ends,
        "target_ids": [place] * len(ends),
        "target_weights": [float(nodes[n]["value"]) for n in ends],
    }
