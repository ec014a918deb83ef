"""What a shell offers beside the choices of a type: ids of measures, findings, presets, pages."""

from collections.abc import Callable, Mapping

from embaudit.settings.option_table import Option

Words = Mapping[str, str]  # what each is, by what is typed


def completer(option: Option) -> Callable[[str], list[tuple[str, str]]] | None:
    """What typer asks for the rest of a word; None where there is nothing to offer."""
    if not option.completes:
        return None
    known, listed = VOCABULARIES[option.completes], option.listed

    def complete(incomplete: str) -> list[tuple[str, str]]:
        before, comma, last = incomplete.rpartition(",") if listed else ("", "", incomplete)
        given = before.split(",")
        return [
            (f"{before}{comma}{word}", told)
            for word, told in known().items()
            if word.startswith(last) and word not in given
        ]

    return complete


def _measures() -> Words:
    from embaudit.measures import MEASURES
    from embaudit.settings.chosen_measures import PRESETS

    named = dict.fromkeys(PRESETS, "a set of measures")
    return {**named, **{one.id: one.title for one in MEASURES}}


def _rules() -> Words:
    """Presets, and what a rule may begin with."""
    from embaudit.gate import PRESETS
    from embaudit.measures import MEASURES

    named = {one.id: "a preset" for one in PRESETS.values()}
    begun = {"diagnosis": "the state", "no finding": "nothing amiss"}
    return {**named, **begun, **{one.id: one.title for one in MEASURES}}


def _rows() -> Words:
    from embaudit.data.left_out_rows import DROPPABLE
    from embaudit.findings.diagnosis_glossary import TITLES

    return {id: TITLES[id] for id in DROPPABLE}


def _known() -> Words:
    from embaudit.findings.diagnosis_glossary import TITLES
    from embaudit.settings.acknowledgeable_ids import acknowledgeable_ids

    return {id: TITLES[id] for id in acknowledgeable_ids()}


def _words() -> Words:
    from embaudit.docs import manual
    from embaudit.gate import PRESETS
    from embaudit.verbs.explain import explained

    pages = {name: page.title for name, page in manual().items()}
    presets = {one.id: "a preset" for one in PRESETS.values()}
    return {**{one.id: one.title for one in explained(None)}, **presets, **pages}


VOCABULARIES: dict[str, Callable[[], Words]] = {
    "measures": _measures,
    "rules": _rules,
    "rows": _rows,
    "known": _known,
    "words": _words,
}
