"""Models as onnxruntime runs them here: on one core, as many processes share the machine."""

from pathlib import Path

import onnxruntime


def session(path: Path, **entries: str) -> onnxruntime.InferenceSession:
    """Open a model; `entries` are settings of onnxruntime below `session.`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name, value in entries.items():
        options.add_session_config_entry(f"session.{name}", value)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
