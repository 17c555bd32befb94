"""Source notes of the older and the newer volumes."""

from __future__ import annotations

import pytest

from ingest.sources import SourceNote, leading_marks, read_marks, read_source

NOTES = {
    "740.0011 Pacific War/3062: Telegram": SourceNote(
        "740.0011 Pacific War/3062", (("file", "740.0011 Pacific War/3062"),), "telegram"
    ),
    "893.00/14961": SourceNote("893.00/14961", (("file", "893.00/14961"),)),
    "Roosevelt Papers: Telegram": SourceNote(
        "Roosevelt Papers", (("repository", "Roosevelt Papers"),), "telegram"
    ),
    "S/P–NSC files, lot 62 D 1, NSC 171 Series": SourceNote(
        "S/P–NSC files, lot 62 D 1, NSC 171 Series",
        (("repository", "S/P–NSC files"), ("lot", "lot 62 D 1"), ("file", "NSC 171 Series")),
    ),
    "Source: Department of State, Central Files, 611.61/5-1661. Secret; Priority. Drafted by X.": (
        SourceNote(
            "Department of State, Central Files, 611.61/5-1661",
            (("repository", "Department of State"), ("file", "Central Files, 611.61/5-1661")),
            None,
            "Secret",
            "Priority",
        )
    ),
    "Source: Department of State, Conference Files: Lot 64 D 559, CF 1664. Top Secret; Niact.": (
        SourceNote(
            "Department of State, Conference Files: Lot 64 D 559, CF 1664",
            (
                ("repository", "Department of State, Conference Files"),
                ("lot", "Lot 64 D 559"),
                ("file", "CF 1664"),
            ),
            None,
            "Top Secret",
            "Niact",
        )
    ),
    "Source: Johnson Library, National Security File, Vol. II. No classification marking.": (
        SourceNote(
            "Johnson Library, National Security File, Vol. II",
            (("repository", "Johnson Library"), ("file", "National Security File, Vol. II")),
        )
    ),
    "Summary: A report. Source: Ford Library, Box 25. Confidential.": SourceNote(
        "Ford Library, Box 25",
        (("repository", "Ford Library"), ("file", "Box 25")),
        None,
        "Confidential",
    ),
    "": SourceNote(),
}


@pytest.mark.parametrize(("note", "read"), NOTES.items())
def test_source_note_gives_archive_medium_and_marks(note: str, read: SourceNote) -> None:
    assert read_source(note) == read


@pytest.mark.parametrize(
    ("words", "marks"),
    [
        ("Secret; Operational Immediate; Nodis", ("Secret", "Operational Immediate")),
        ("top secret us urgent", ("Top Secret", "US Urgent")),
        ("Personal and Confidential", ("Personal and Confidential", None)),
        ("Limited Official Use", ("Limited Official Use", None)),
        ("niact", (None, "Niact")),
        ("No classification marking", (None, None)),
    ],
)
def test_marks_give_classification_and_precedence(
    words: str, marks: tuple[str | None, str | None] | None
) -> None:
    assert read_marks(words) == marks


@pytest.mark.parametrize(
    ("line", "marks"),
    [
        ("Confidential Priority", ("Confidential", "Priority")),
        ("Personal and Top Secret for the President only.", ("Personal and Top Secret", None)),
        ("Secret talks began today and are expected to last.", None),
        ("Cairo, March 4, 1950.", None),
    ],
)
def test_line_above_a_text_is_a_mark_only_if_it_is_nothing_else(
    line: str, marks: tuple[str | None, str | None] | None
) -> None:
    assert leading_marks(line) == marks
