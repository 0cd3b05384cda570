"""One experiment as a document to print: what was asked, what was seen, what was decided, how to check it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from mlops_assets.decision.confidence import Interval
from mlops_assets.report.ab_words import Light, loss_words, outlook, percent, scaled, standing, unit_words
from mlops_assets.report.interval_chart import CHART_STYLE, Look, interval_chart
from mlops_assets.report.page import page, section, table
from mlops_assets.spec import UseCase

AB_STYLE = (
    """
:root { --ink: #1b2330; --soft: #566172; --line: #dde3ea; --card: #fff; --a: #1f63ad; --b: #a34f00; --band: #c9cfe6;
  color-scheme: light }
body { color: var(--ink); background: #fff; font-size: 15px } p, li, dd { max-width: 44rem }
.answer { border-left: .3rem solid var(--a); padding: .2rem 0 .2rem 1rem; font-size: 1.15rem; margin: 1.25rem 0 }
.answer.promote { border-color: var(--b) } .note { color: var(--soft); font-size: .875rem }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .4rem 1rem; margin: .5rem 0 }
dt { font-weight: 600 } dd { margin: 0 }
th { background: #eef1f5 } td { overflow-wrap: break-word } td.number, td:first-child { white-space: nowrap }
code { font-size: .85em }
@media screen and (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } }
@page { size: A4; margin: 18mm 16mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif } }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10.5pt } h2 { break-after: avoid }
  tr, .chart, dl, .answer { break-inside: avoid } tr:first-child { break-after: avoid }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""
    + CHART_STYLE
)


@dataclass(frozen=True)
class Side:
    """One version under test: facts to show, name: value, and what it answered."""

    version: int
    facts: Mapping[str, str]
    answers: int
    labels: int


@dataclass(frozen=True)
class Traffic:
    """Units while one split held; `planned` is the share of B, None where it is not known any more."""

    phase: int
    began: datetime
    ended: datetime
    units_a: int
    units_b: int
    planned: float | None
    light: Light


@dataclass(frozen=True)
class Experiment:
    """Everything the document shows.

    Parameters
    ----------
    looks : the interval after more and more labels, in units of the loss
    outcome, sentence, labels, to_go : the verdict; `to_go` None = not to be said
    lag_s : median and ninth decile of the time from answer to label, of the newest labels; None = no labels
    promotions, changes : rows of (when, what, who, why), newest first
    """

    champion: Side
    challenger: Side
    outcome: str
    sentence: str
    labels: int
    to_go: int | None
    looks: Sequence[Look]
    traffic: Sequence[Traffic]
    lag_s: tuple[float, float] | None
    promotions: Sequence[tuple[Any, ...]]
    changes: Sequence[tuple[Any, ...]]
    made_at: datetime


def ab_html(use_case: UseCase, experiment: Experiment) -> str:
    """The document."""
    champion, challenger = experiment.champion.version, experiment.challenger.version
    lead = (
        f"{use_case.description} Is the {loss_words(use_case.decision)} of version {challenger} (B, the challenger) "
        f"smaller than that of version {champion} (A, the champion)? As of {_moment(experiment.made_at)} UTC."
    )
    return page(
        f"{use_case.name}: version {challenger} against {champion}",
        lead,
        [
            _answer(use_case, experiment),
            section("The two versions", _versions(experiment)),
            section("The difference", _difference(use_case, experiment)),
            section("How to read it", _reading(use_case, experiment)),
            section("Traffic", _traffic(experiment)),
            section("Labels", _labels(experiment)),
            section(
                "What was decided", table(("when", "what", "by", "why"), experiment.promotions, "no promotion yet")
            ),
            section(
                "Other changes", table(("when", "what", "by", "change"), experiment.changes, "nothing was changed")
            ),
            section("How to verify", _verifying(use_case, experiment)),
        ],
        AB_STYLE,
    )


def _answer(use_case: UseCase, experiment: Experiment) -> str:
    last = experiment.looks[-1] if experiment.looks else None
    interval = Interval(last.estimate, last.low, last.high) if last is not None else None
    versions = (experiment.champion.version, experiment.challenger.version)
    words = standing(experiment.outcome, interval, experiment.labels, *versions, use_case.decision)
    if experiment.outcome == "continue":
        words += f" Labels still needed: {outlook(experiment.to_go, experiment.labels, use_case.decision)}."
    return f'<p class="answer {escape(experiment.outcome)}">{escape(words)}</p>'


def _versions(experiment: Experiment) -> str:
    sides = (experiment.champion, experiment.challenger)
    names = dict.fromkeys(name for side in sides for name in side.facts)
    rows = [(name, *(side.facts.get(name, "not known") for side in sides)) for name in names]
    return table(("", *(f"{arm}: version {side.version}" for arm, side in zip("AB", sides, strict=True))), rows)


def _difference(use_case: UseCase, experiment: Experiment) -> str:
    if not experiment.looks:
        return "<p>No label has come yet.</p>"
    decision = use_case.decision
    looks = [
        Look(look.labels, *(scaled(value, decision) for value in (look.estimate, look.low, look.high)))
        for look in experiment.looks
    ]
    sides = (f"version {side.version} better" for side in (experiment.challenger, experiment.champion))
    drawn = interval_chart(looks, scaled(decision.margin, decision), *sides)
    about = (
        f"Champion minus challenger, {loss_words(decision)} in {unit_words(use_case)}. In full: {experiment.sentence}."
    )
    return f'{drawn}<p class="note">{escape(about)}</p>'


def _reading(use_case: UseCase, experiment: Experiment) -> str:
    decision = use_case.decision
    sure = f"{100 * (1 - decision.alpha):g} %"
    margin = (
        f"Differences up to {decision.margin:g} do not matter to the owner; the grey strip shows them."
        if decision.margin > 0
        else "None was set: any real difference counts."
    )
    words = {
        "loss": f"What one wrong answer costs; the document compares the {loss_words(decision)}. Costs above "
        f"{decision.loss_max:g} count as {decision.loss_max:g}.",
        "line": "The difference over all labels so far. It wanders with every label.",
        "band": f"Where the true difference lies, with {sure} confidence. One may look at it after every label and act "
        "on it at any time without becoming less sure, which is not so for the usual test.",
        "margin": margin,
        "alpha": f"{decision.alpha:g}: at most {100 * decision.alpha:g} of 100 experiments end wrongly, on average.",
        "verdict": "Given once the whole band lies above the margin (promote), below it (reject), or inside it "
        f"(equivalent), at the earliest after {decision.labels_min} labels.",
        "budget": f"{decision.labels_max:,} labels at most, {experiment.labels:,} spent so far. When they are gone, "
        "the experiment ends without an answer (inconclusive) and the champion stays. Without a budget an experiment "
        "between equals would never end.",
        "maturity": f"A label counts once its answer is as old as {100 * decision.matured:g} % of the labels take to "
        "come, learned for each version and for who was right. Labels of one kind often come later than others; "
        "counted as they come, the early ones would decide.",
    }
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{escape(text)}</dd>' for name, text in words.items())}</dl>"


def _traffic(experiment: Experiment) -> str:
    rows = [
        (
            one.phase,
            f"{_moment(one.began)} to {_moment(one.ended)}",
            one.units_a,
            one.units_b,
            "not known" if one.planned is None else percent(one.planned),
            _judged(one),
        )
        for one in experiment.traffic
    ]
    about = (
        "<p>A changed split opens a new phase; shares are compared within one. A unit is who or what a request is "
        "about (each request, where nobody is named); it keeps its version, so units are counted, not answers.</p>"
    )
    return about + table(
        ("phase", "when", "units of A", "units of B", "planned for B", "sample ratio"), rows, "no traffic yet"
    )


def _judged(one: Traffic) -> str:
    if one.planned is None:
        return f"not judged: {one.units_b:,} of {one.units_a + one.units_b:,} units were answered by B."
    return f"{one.light.word}: {one.light.sentence}"


def _labels(experiment: Experiment) -> str:
    a, b = experiment.champion.labels, experiment.challenger.labels
    came = f"{a + b:,} labels came: {a:,} for answers of A, {b:,} for answers of B."
    seen = f"{came} The verdict counts {experiment.labels:,}."
    if experiment.lag_s is None:
        return f"<p>{seen}</p>"
    middle, late = (_duration(value) for value in experiment.lag_s)
    return f"<p>{seen} Of the newest, half came within {middle} of the answer, nine in ten within {late}.</p>"


def _verifying(use_case: UseCase, experiment: Experiment) -> str:
    name = escape(use_case.name)
    steps = (
        f"<code>mlops status {name} --json</code> names the champion and the newest certificate; the hashes above name "
        "the data of both versions.",
        "Once it has ended, <code>mlops verify --all</code> judges it again, offline, from the labels, the facts and "
        "the rule that its certificate lists, and must come to the same verdict.",
        f"<code>mlops log export {name}</code> writes every answer, with both versions' values and its truth, for "
        "whoever wants to reckon in another way.",
    )
    return f"<ol>{''.join(f'<li>{step}</li>' for step in steps)}</ol>"


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M")


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} seconds"
